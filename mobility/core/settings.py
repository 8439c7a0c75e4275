"""Every setting, read once from the environment into one frozen value."""

from dataclasses import dataclass, field
from pathlib import Path

from environs import Env

ROOT = Path(__file__).resolve().parents[2]
# Accounts of this domain are a demo's own: nobody registers with it, and production refuses them.
DEMO_DOMAIN = "demo.example"
DEVELOPMENT_SECRET = "development-only-secret-key-change-me"  # noqa: S105
DEVELOPMENT_FIELD_KEY = "ZGV2ZWxvcG1lbnQtb25seS1maWVsZC1rZXktMDAwMDA="


class BadSettings(Exception):
    """The environment is not fit to run with; the sentence says how to mend it."""


@dataclass(frozen=True)
class Settings:
    """What the environment decides."""

    database_url: str
    app_env: str = "development"
    public_base_url: str = "http://127.0.0.1:8000"
    secret_key: str = field(default=DEVELOPMENT_SECRET, repr=False)
    field_keys: tuple[str, ...] = field(default=(DEVELOPMENT_FIELD_KEY,), repr=False)
    mail_server: str = ""
    mail_port: int = 25
    port: int = 8000
    # How many proxies in front of us set X-Forwarded-For; none is believed by default.
    proxies: int = 0
    # Days between the last answer to a round's proposals and its first stay, for plan and signatures (domain 11).
    sign_days: int = 14
    # Days after which it is asked whether an unused offer or application still holds, and days to answer.
    unused_days: int = 182
    rest_days: int = 21
    debug: bool = False
    var: Path = ROOT / "var"

    @property
    def is_production(self) -> bool:
        return self.app_env == "production"

    @property
    def is_https(self) -> bool:
        return self.public_base_url.startswith("https://")

    def __post_init__(self) -> None:
        problems = list(self._problems())
        if problems:
            raise BadSettings(" ".join(problems))

    def _problems(self) -> list[str]:
        wrong = []
        if self.app_env not in {"development", "production"}:
            wrong.append(f"APP_ENV is '{self.app_env}': write development or production.")
        if not self.public_base_url.startswith(("http://", "https://")):
            wrong.append("PUBLIC_BASE_URL must begin with http:// or https://.")
        if self.is_production:
            wrong += self._unsafe_in_production()
        return wrong

    def _unsafe_in_production(self) -> list[str]:
        wrong = []
        if self.secret_key == DEVELOPMENT_SECRET or len(self.secret_key) < 32:
            wrong.append("SECRET_KEY is the default or shorter than 32 characters: set a random one.")
        if not self.field_keys or DEVELOPMENT_FIELD_KEY in self.field_keys:
            wrong.append("FIELD_KEYS is the default: set one key or more, newest first.")
        if self.debug:
            wrong.append("Debugging is on: unset FLASK_DEBUG.")
        if not self.is_https:
            wrong.append("PUBLIC_BASE_URL must begin with https://.")
        if not self.mail_server:
            wrong.append("MAIL_SERVER is not set: letters could not leave.")
        return wrong


def read_settings() -> Settings:
    """Read the environment. Raises `BadSettings` with all that is wrong."""
    env = Env()
    port = _whole(env, "PORT", 8000)
    return Settings(
        database_url=_with_driver(env.str("DATABASE_URL", "")),
        app_env=env.str("APP_ENV", "development"),
        public_base_url=env.str("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}").rstrip("/"),
        secret_key=env.str("SECRET_KEY", DEVELOPMENT_SECRET),
        field_keys=tuple(env.list("FIELD_KEYS", [DEVELOPMENT_FIELD_KEY])),
        mail_server=env.str("MAIL_SERVER", ""),
        mail_port=_whole(env, "MAIL_PORT", 25),
        port=port,
        proxies=_whole(env, "TRUSTED_PROXIES", 0),
        sign_days=_whole(env, "SIGN_DAYS", 14),
        unused_days=_whole(env, "UNUSED_DAYS", 182),
        rest_days=_whole(env, "REST_DAYS", 21),
        debug=env.bool("FLASK_DEBUG", False),
        var=Path(env.str("VAR", str(ROOT / "var"))),
    )


def _whole(env: Env, name: str, default: int) -> int:
    written = env.str(name, str(default))
    smallest = min(1, default)
    if not (written.isascii() and written.isdecimal() and smallest <= int(written) < 65536):
        raise BadSettings(f"{name} is '{written}': write a number from {smallest} to 65535.")
    return int(written)


def _with_driver(url: str) -> str:
    for short in ("postgresql://", "postgres://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url
