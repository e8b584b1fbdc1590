import { type CallDevices, listDevices, onDevicesChanged } from "@parlor/client";
import { useEffect, useState } from "react";

const NONE: CallDevices = { microphones: [], cameras: [], speakers: [] };

/** The devices of this machine, live. They are read anew when `again` changes: after a permission they have names. */
export function useDevices(again: unknown): CallDevices {
  const [devices, setDevices] = useState(NONE);
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is the occasion.
  useEffect(() => {
    let isCurrent = true;
    const read = () =>
      listDevices().then(
        (found) => isCurrent && setDevices(found),
        () => {},
      );
    void read();
    const stop = onDevicesChanged(() => void read());
    return () => {
      isCurrent = false;
      stop();
    };
  }, [again]);
  return devices;
}
