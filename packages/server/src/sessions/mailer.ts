import { createTransport } from "nodemailer";

/** Sends sign-in links. */
export interface Mailer {
  sendMagicLink(to: string, link: string): Promise<void>;
  close(): void;
}

/** A mailer over the SMTP server of an address such as `smtp://user:password@host:587`. */
export function createMailer(smtpUrl: string, from: string): Mailer {
  const transport = createTransport(smtpUrl, { from });
  return {
    async sendMagicLink(to, link) {
      await transport.sendMail({
        // Not as text, in which a comma would begin another address.
        to: { name: "", address: to },
        subject: "Your sign-in link",
        text:
          `Open this link to sign in. It works once, within 15 minutes:\n\n${link}\n\n` +
          "If you did not ask for it, you can ignore this mail.\n",
      });
    },
    close: () => transport.close(),
  };
}
