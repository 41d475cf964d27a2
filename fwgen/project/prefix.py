"""The prefix of a model's symbols in C, by which several models can be in one image."""

from __future__ import annotations

import re

from fwgen import DEFAULT_PREFIX
from fwgen.errors import UsageError
from fwgen.host.resources import templates_dir
from fwgen.kernels.c_files import kernel_files

OPTION = "--name"

_MOST_CHARACTERS = 40

_KEYWORDS = """
alignas alignof and and_eq asm auto bitand bitor bool break case catch char char8_t char16_t
char32_t class co_await co_return co_yield compl concept const const_cast consteval constexpr
constinit continue decltype default delete do double dynamic_cast else enum explicit export extern
false float for friend goto if inline int long module mutable namespace new noexcept not not_eq
nullptr operator or or_eq private protected public register reinterpret_cast requires restrict
return short signed sizeof static static_assert static_cast struct switch template this
thread_local throw true try typedef typeid typename typeof typeof_unqual union unsigned using
virtual void volatile wchar_t while xor xor_eq
"""
"""Of C23 and C++23."""

_LIBRARY = """
abort abs acos asin assert atan atan2 atexit atof atoi atol atoll bsearch cabs cacos calloc carg
ccos ceil cexp cimag clearerr clock clog close conj cos cosh cpow creal csin csqrt ctan ctime div
erf errno exit exp exp2 expm1 fabs fclose fdim feof ferror fflush fgetc fgets floor fma fmax fmin
fmod fopen fork fprintf fputc fputs fread free frexp fscanf fseek fsetpos ftell fwrite gamma getc
getchar getenv gets gmtime hypot ilogb index isalnum isalpha isascii isblank iscntrl isdigit
isgraph isinf islower isnan isprint ispunct isspace isupper isxdigit j0 j1 jn kill labs ldexp ldiv
lgamma llabs lldiv llrint llround localtime log log10 log1p log2 logb longjmp lrint lround lseek
main malloc mblen mbtowc memchr memcmp memcpy memmove memset mktime modf nan nearbyint nextafter
open perror poll pow printf putc putchar puts qsort raise rand read realloc remove remquo rename
rewind rindex rint round scalbn scanf setbuf setjmp setvbuf signal sin sinh sprintf sqrt srand
sscanf stderr stdin stdout strcat strchr strcmp strcoll strcpy strcspn strdup strerror strftime
strlen strncat strncmp strncpy strpbrk strrchr strspn strstr strtod strtof strtok strtol strtold
strtoll strtoul strxfrm system tan tanh tgamma time tmpfile tmpnam toascii tolower toupper trunc
ungetc unix linux vprintf vscanf wait write y0 y1 yn
"""
"""External names of a C library, and of the system below it, that a model would take away."""

_TAKEN = frozenset((_KEYWORDS + _LIBRARY).split())

_TARGETS = """
all all_build c clean depend edit_cache firmware gcc help install list_install_components m package
package_source preinstall rebuild_cache run_tests test zero_check
"""
"""Of CMake in any build, in lower case, of the project itself, and libraries that it links."""

_HEADERS = """
assert complex ctype errno fenv float inttypes iso646 limits locale math memory new setjmp
signal stdalign stdarg stdatomic stdbit stdbool stdckdint stddef stdint stdio stdlib stdnoreturn
string strings tgmath threads time uchar unistd wchar wctype weights
"""
"""Of the standard library, and the one that templates print."""

_LOCAL = re.compile(
    r"(t|op)\d\w*|u?int\w*_t|\w+_t|feed|fed_\w+|inputs|outputs|guarded\w*|ethosu\w*", re.ASCII
)
"""What the generated C code calls things that are its own, and what types are called."""


def require_prefix(name: str) -> str:
    """``name`` if all symbols of a model can begin with it. Raises UsageError that says why not."""
    wrong = _wrong(name)
    if wrong:
        raise UsageError(
            f"A model's name {wrong}.",
            at=f"{OPTION} {name!a}",
            tries=("--name kws: letters, digits and '_', as in a C identifier",),
        )
    return name


def _wrong(name: str) -> str:
    """What is wrong with it, "" if nothing."""
    if name == DEFAULT_PREFIX:
        return ""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", name, re.ASCII):
        return "must be a C identifier that begins with a letter"
    if len(name) > _MOST_CHARACTERS:
        return f"has at most {_MOST_CHARACTERS} characters"
    if name.lower().startswith("fw_") or name.lower() == "fw":
        return "must not begin with fw_, as kernels and runtime do"
    if "__" in name or name.endswith("_"):
        return "must not have '_' twice or at its end, as the implementation's names do"
    if name in _TAKEN:
        return "must not be a word of C or C++, nor a function of their libraries"
    if name.lower() in _TARGETS.split():
        return "must not be a target of any CMake build"
    if (
        name in _HEADERS.split()
        or f"{name}.h" in kernel_files()
        or any(templates_dir().rglob(f"{name}.h"))
    ):
        return "must not be that of a header that there is"
    if _LOCAL.fullmatch(name):
        return "must not be one that the generated code has for something else"
    return ""
