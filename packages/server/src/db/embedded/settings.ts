import { randomBytes } from "node:crypto";

/** Where a server listens: a Unix socket's folder, or a loopback port on Windows. */
export interface Address {
  readonly socketFolder: string;
  readonly port: number;
}

/** The only superuser of the embedded database, and the database's name. */
export const owner = "parlor";

/** Proves that the server which answers is the one of this folder; not a secret. */
export function newToken(): string {
  return randomBytes(16).toString("hex");
}

/** The arguments of `initdb`: page checksums, UTF-8, and an order of text that no system library changes. */
export function initArguments(major: number, folder: string, passwordFile: string | undefined): string[] {
  const locale = major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : [];
  // Over a Unix socket the folder is the guard: only its owner, and root, can come to it.
  const login =
    passwordFile === undefined ? ["--auth=trust"] : ["--auth=scram-sha-256", `--pwfile=${passwordFile}`];
  const common = [
    `--pgdata=${folder}`,
    `--username=${owner}`,
    "--encoding=UTF8",
    "--locale=C",
    "--data-checksums",
  ];
  return [...common, ...locale, ...login];
}

/** The arguments of `postgres`. They go by the command line, so that a newer Parlor changes them by itself. */
export function serverArguments(
  { socketFolder, port }: Address,
  server: {
    readonly major: number;
    readonly folder: string;
    readonly dataDir: string;
    readonly token: string;
  },
): string[] {
  const settings: Record<string, string> = {
    // Both say whose server this is: the name in each process's title, the whole path in the first one's arguments.
    cluster_name: clusterName(server.dataDir),
    "parlor.data_dir": server.dataDir,
    "parlor.token": server.token,
    ...(process.platform === "win32"
      ? { listen_addresses: "127.0.0.1" }
      : { listen_addresses: "", unix_socket_directories: socketFolder, unix_socket_permissions: "0700" }),
    port: String(port),
    fsync: "on",
    full_page_writes: "on",
    synchronous_commit: "on",
    max_connections: "50",
    shared_buffers: "96MB",
    wal_compression: "on",
    min_wal_size: "48MB",
    max_wal_size: "512MB",
    // A chat's queries are short: helpers and compilation cost them more than they give, and containers are
    // often short of the shared memory that helpers take.
    jit: "off",
    max_parallel_workers_per_gather: "0",
    max_logical_replication_workers: "0",
    ...(server.major >= 18 && { io_method: "sync" }),
    timezone: "UTC",
    log_timezone: "UTC",
    // Failed statements are Parlor's to report; the file keeps what concerns the server, so it stays small.
    log_min_messages: "log",
    log_checkpoints: "off",
    logging_collector: "off",
    log_destination: "stderr",
  };
  return [
    "-D",
    server.folder,
    ...Object.entries(settings).flatMap(([name, value]) => ["-c", `${name}=${value}`]),
  ];
}

/** PostgreSQL takes 63 bytes of plain ASCII: of a long path the end tells more than the start. */
function clusterName(dataDir: string): string {
  const path = dataDir.replace(/[^ -~]/g, "?");
  return path.length > 56 ? `parlor ..${path.slice(-54)}` : `parlor ${path}`;
}
