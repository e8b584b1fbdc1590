import type { CallClient } from "@parlor/client";
import { Dialog } from "../../ui/dialog.js";
import { renewCamera, renewMicrophone } from "./call-actions.js";
import { callWords } from "./call-words.js";
import { DeviceFields } from "./device-fields.js";
import { useDevices } from "./use-devices.js";

/** Devices of a call while it goes on: another one is taken at once, without a new connection. */
export function CallSettings({ client, onClose }: { client: CallClient; onClose: () => void }) {
  const devices = useDevices(client);
  return (
    <Dialog open onClose={onClose} title={callWords().settings}>
      <div className="grid gap-3.5 px-5 pt-1 pb-6 sm:px-6">
        <DeviceFields
          devices={devices}
          onMicrophone={() => client.state.me.hasMicrophone && void renewMicrophone(client)}
          onCamera={() => client.state.me.camera && void renewCamera(client)}
        />
      </div>
    </Dialog>
  );
}
