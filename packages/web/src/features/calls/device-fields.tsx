import type { CallDevice, CallDevices } from "@parlor/client";
import { SelectField } from "../../ui/field.js";
import { SwitchField } from "../../ui/switch-field.js";
import { preferForCalls, useCallPreferences } from "./call-preferences.js";
import { callWords } from "./call-words.js";

interface DeviceFieldProps {
  readonly label: string;
  readonly devices: readonly CallDevice[];
  readonly value: string | null;
  readonly onChange: (id: string) => void;
}

function DeviceField({ label, devices, value, onChange }: DeviceFieldProps) {
  const words = callWords();
  // Without a permission devices have neither names nor ids.
  const known = devices.filter(({ id }) => id !== "");
  if (known.length === 0) return null;
  const chosen = known.some(({ id }) => id === value) ? value : known[0]?.id;
  return (
    <SelectField label={label} value={chosen ?? ""} onChange={(event) => onChange(event.target.value)}>
      {known.map(({ id, label: name }, index) => (
        <option key={id} value={id}>
          {name || words.device(label, index + 1)}
        </option>
      ))}
    </SelectField>
  );
}

interface DeviceFieldsProps {
  readonly devices: CallDevices;
  readonly onMicrophone: () => void;
  readonly onCamera: () => void;
}

/** Which devices a call uses, and how. What is chosen is kept, then told. */
export function DeviceFields({ devices, onMicrophone, onCamera }: DeviceFieldsProps) {
  const words = callWords();
  const wanted = useCallPreferences();
  return (
    <>
      <DeviceField
        label={words.microphone}
        devices={devices.microphones}
        value={wanted.microphone}
        onChange={(microphone) => {
          preferForCalls({ microphone });
          onMicrophone();
        }}
      />
      <DeviceField
        label={words.camera}
        devices={devices.cameras}
        value={wanted.camera}
        onChange={(camera) => {
          preferForCalls({ camera });
          onCamera();
        }}
      />
      {"setSinkId" in HTMLMediaElement.prototype ? (
        <DeviceField
          label={words.speaker}
          devices={devices.speakers}
          value={wanted.speaker}
          onChange={(speaker) => preferForCalls({ speaker })}
        />
      ) : null}
      <SwitchField
        label={words.noise}
        checked={wanted.noiseSuppression}
        onChange={(noiseSuppression) => {
          preferForCalls({ noiseSuppression });
          onMicrophone();
        }}
      />
      <SwitchField
        label={words.echo}
        checked={wanted.echoCancellation}
        onChange={(echoCancellation) => {
          preferForCalls({ echoCancellation });
          onMicrophone();
        }}
      />
      <SwitchField
        label={words.pushToTalk}
        hint={words.pushToTalkHint}
        checked={wanted.pushToTalk}
        onChange={(pushToTalk) => preferForCalls({ pushToTalk })}
      />
    </>
  );
}
