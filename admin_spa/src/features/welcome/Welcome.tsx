import { useEffect } from "react";
import { Starting } from "@/app/frames";

/** The console's bare address: signing in finds out which brand. */
export function Welcome() {
  useEffect(() => location.replace("/sign-in"), []);
  return <Starting />;
}
