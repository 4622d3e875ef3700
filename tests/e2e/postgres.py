"""
A PostgreSQL of its own for a test: made in a temporary folder, on loopback, stopped and removed at the end.

    postgres.py start FOLDER     makes (if need be) and starts one there; prints its address
    postgres.py stop FOLDER
"""
import glob, os, pathlib, pwd, shutil, signal, socket, subprocess, sys, tempfile, time

BIN = pathlib.Path(sorted(glob.glob("/usr/lib/postgresql/*/bin"), key=lambda p: int(p.split("/")[4]))[-1]
                   if glob.glob("/usr/lib/postgresql/*/bin") else "/usr/bin")


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def _owner():
    """initdb and postgres refuse to run as root; Debian's package brings the user `postgres`."""
    return pwd.getpwnam("postgres") if os.getuid() == 0 else None


def _run(*command, check=True, **more):
    owner = _owner()
    if owner:
        more.update(user=owner.pw_uid, group=owner.pw_gid, extra_groups=[])
    return subprocess.run([str(c) for c in command], check=check, capture_output=True, text=True, cwd="/",
                          env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8", "TZ": "UTC", "HOME": "/tmp"}, **more)


class Postgres:
    """One server. `settings`: lines for postgresql.conf. `listen`: addresses, loopback by default."""

    def __init__(self, folder=None, port=None, settings=(), listen="127.0.0.1", user="huiyin", database="huiyin", host=None):
        self.own = folder is None
        self.folder = pathlib.Path(folder or tempfile.mkdtemp(prefix="huiyin-pg-"))
        self.port, self.listen, self.user, self.database = port or free_port(), listen, user, database
        self.host = host or listen.split(",")[0]
        self.data = self.folder / "data"
        self.folder.mkdir(parents=True, exist_ok=True)
        if _owner():
            os.chown(self.folder, _owner().pw_uid, _owner().pw_gid)
        if not (self.data / "PG_VERSION").exists():
            _run(BIN / "initdb", "-D", self.data, "-U", user, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
            self.configure(settings)

    def configure(self, settings):
        with open(self.data / "postgresql.conf", "a") as f:
            f.write(f"\nport = {self.port}\nlisten_addresses = '{self.listen}'\nunix_socket_directories = '{self.folder}'\n"
                    "shared_buffers = 64MB\nmax_connections = 60\nwal_level = replica\nlog_min_messages = warning\n"
                    "logging_collector = off\n")
            f.writelines(line + "\n" for line in settings)

    @property
    def url(self):
        return f"postgresql://{self.user}@{self.host}:{self.port}/{self.database}"

    def start(self, seconds=30):
        _run(BIN / "pg_ctl", "-D", self.data, "-l", self.folder / "log", "-w", "-t", seconds, "start")
        if not self.ask(f"SELECT 1 FROM pg_database WHERE datname = '{self.database}'", database="postgres"):
            self.ask(f'CREATE DATABASE "{self.database}"', database="postgres")
        return self

    def stop(self, mode="fast"):
        """fast, smart, or immediate (a crash: recovery from the log at the next start)."""
        _run(BIN / "pg_ctl", "-D", self.data, "-m", mode, "-w", "-t", 30, "stop", check=False)

    def signal(self, number):
        """To the postmaster alone: SIGSTOP makes a server that accepts and never answers."""
        os.kill(int((self.data / "postmaster.pid").read_text().split()[0]), number)

    def ask(self, sql, database=None):
        """Rows as lists of text."""
        out = _run(BIN / "psql", "-h", self.folder, "-p", self.port, "-U", self.user, "-d", database or self.database,
                   "-X", "-q", "-A", "-t", "-F", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql).stdout
        return [line.split("\t") for line in out.splitlines() if line]

    def try_to(self, sql, database=None):
        """The same of a server that may be down or break: null then."""
        try:
            return self.ask(sql, database)
        except subprocess.CalledProcessError:
            return None

    def close(self):
        self.stop("immediate")
        if self.own:
            shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.close()


def main():
    what, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    remembered = folder / "port"
    if what == "start":
        p = Postgres(folder, int(remembered.read_text()) if remembered.exists() else None)
        remembered.write_text(str(p.port))
        p.start()
        print(p.url)
    elif (folder / "data").exists():
        Postgres(folder, int(remembered.read_text())).stop("immediate")
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
