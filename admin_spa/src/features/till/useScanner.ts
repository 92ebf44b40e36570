import { type RefObject, useEffect, useState } from "react";

interface Detector {
  detect(source: HTMLVideoElement): Promise<{ rawValue: string }[]>;
}
type MakeDetector = new (options: { formats: string[] }) => Detector;

const LOOK_EVERY_MS = 200;

function detectorOf(): MakeDetector | undefined {
  return (globalThis as { BarcodeDetector?: MakeDetector }).BarcodeDetector;
}

/** Whether this browser can read codes by itself; typing is possible always. */
export function canScan(): boolean {
  return detectorOf() !== undefined && navigator.mediaDevices !== undefined;
}

/** Looks through the camera while `on`, until `found` gets a code. */
export function useScanner(
  video: RefObject<HTMLVideoElement | null>,
  on: boolean,
  found: (code: string) => void,
): { refused: boolean } {
  const [refused, setRefused] = useState(false);
  useEffect(() => {
    const Made = detectorOf();
    const shown = video.current;
    if (!on || !Made || !shown) return;
    let stream: MediaStream | undefined;
    let timer: number | undefined;
    let over = false;
    const detector = new Made({ formats: ["qr_code", "code_128"] });
    const look = async () => {
      const [first] = await detector.detect(shown).catch(() => []);
      if (over) return;
      if (first) found(first.rawValue);
      else timer = window.setTimeout(() => void look(), LOOK_EVERY_MS);
    };
    navigator.mediaDevices
      .getUserMedia({ video: { facingMode: "environment" } })
      .then(async (given) => {
        stream = given;
        if (over) {
          for (const track of given.getTracks()) track.stop();
          return;
        }
        shown.srcObject = given;
        await shown.play();
        await look();
      })
      .catch(() => setRefused(true));
    return () => {
      over = true;
      window.clearTimeout(timer);
      for (const track of stream?.getTracks() ?? []) track.stop();
    };
  }, [on, found, video]);
  return { refused };
}
