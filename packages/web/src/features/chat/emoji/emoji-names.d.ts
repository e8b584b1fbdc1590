declare module "virtual:emoji-names-*" {
  /** Names of emoji by their code, `label|tag|tag`; made by vite.config.ts. */
  export const names: Readonly<Record<string, string>>;
}
