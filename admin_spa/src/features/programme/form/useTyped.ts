import { useState } from "react";
import { madeOf, typedOf } from "./numbers";
import { fault, kindOf, type Node, shapeOf } from "./schema";

interface Typed {
  text: string;
  wrong: string | undefined;
  type: (text: string) => void;
  leave: () => void;
}

/**
 * A text field over a value: what is typed stays as typed, what meets the schema is put away at
 * once, what does not is told when the field is left (or at once, if it was told before).
 */
export function useTyped({
  value,
  node,
  currency,
  put,
}: {
  value: unknown;
  node: Node;
  currency: string;
  put: (value: unknown) => void;
}): Typed {
  const kind = kindOf(node);
  const outside = typedOf(kind, value, currency);
  const [text, setText] = useState(outside);
  const [known, setKnown] = useState(outside);
  const [wrong, setWrong] = useState<string>();
  if (outside !== known) {
    // Put back, or changed by somebody else.
    setKnown(outside);
    setText(outside);
    setWrong(undefined);
  }
  const judge = (typed: string): { made: unknown; reason: string | null } => {
    const made = madeOf(kind, typed, currency);
    const { optional } = shapeOf(node);
    const absent = made === null && !optional;
    return { made, reason: absent ? fault(node, null) : fault(node, made) };
  };
  return {
    text,
    wrong,
    type: (typed) => {
      setText(typed);
      const { made, reason } = judge(typed);
      if (reason) {
        if (wrong) setWrong(reason);
        return;
      }
      setWrong(undefined);
      setKnown(typedOf(kind, made, currency));
      if (typedOf(kind, made, currency) !== outside) put(made);
    },
    leave: () => setWrong(judge(text).reason ?? undefined),
  };
}
