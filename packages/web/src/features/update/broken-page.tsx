import { RefreshCw } from "lucide-react";
import { Component, type ReactNode } from "react";
import { takeNewVersion } from "../../lib/shell.js";
import { Button } from "../../ui/button.js";
import { Screen } from "../../ui/screen.js";
import { words } from "../../words/words.js";

interface Props {
  readonly children: ReactNode;
}

/** Stands in for pages that cannot be shown: a part of them did not load, or failed. */
export class BrokenPage extends Component<Props, { readonly isBroken: boolean }> {
  override state = { isBroken: false };

  static getDerivedStateFromError() {
    return { isBroken: true };
  }

  override render() {
    if (!this.state.isBroken) return this.props.children;
    return (
      <div className="h-dvh">
        <Screen
          icon={RefreshCw}
          title={words.update.brokenTitle}
          actions={
            <Button variant="primary" onClick={takeNewVersion}>
              {words.update.take}
            </Button>
          }
        >
          {words.update.brokenText}
        </Screen>
      </div>
    );
  }
}
