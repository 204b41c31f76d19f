"""The ways in which the corpus is compiled, linked and taken apart (check_corpus.py)."""

import os
import shutil
import subprocess

C_SOURCES = ['machine.c']
CC_SOURCES = ['shapes.cc', 'numbers.cc']
S_SOURCES = ['plain.s']

COMPILERS = {'gcc': ('gcc', 'g++'), 'clang': ('clang', 'clang++')}

# What compiles and links a program of one source in another language.
OTHERS = {'.rs': 'rustc', '.f90': 'gfortran'}


class Case:
    """A binary, and the file each tool is to be asked about."""

    def __init__(self, name, path):
        self.name = name
        self.path = self.symbols = self.entries = path
        self.for_llvm = self.for_addr2line = self.for_gdb = path
        self.dirs = ''
        self.traits = set()


class Variant:
    """`flags` for the compiler, `link` for the linker, `after`: shell commands in the directory
    of the binary, which is `corpus` there. `traits` are known to reasons.py."""

    def __init__(self, name, compiler, flags, link='', after='', sources=None, limit=400,
                 traits=(), reference='', dirs='', needs=()):
        self.name, self.compiler, self.flags = name, compiler, flags.split()
        self.link, self.after, self.limit = link.split(), after, limit
        self.traits, self.reference, self.dirs, self.needs = traits, reference, dirs, needs
        self.sources = sources or C_SOURCES + CC_SOURCES + S_SOURCES
        self.skipped = self.failed = ''

    def make(self, here, directory):
        """The Case, or None with the reason in `skipped`."""
        for tool in self.needs + COMPILERS.get(self.compiler, (self.compiler,))[:1]:
            if shutil.which(tool) is None:
                self.skipped = f'no {tool}'
                return None
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        cc, cxx = COMPILERS[self.compiler]
        objects = []
        for source in self.sources:
            compiler = cxx if source.endswith('.cc') else cc
            objects.append(source.replace('.', '_') + '.o')
            flags = [f.format(here=here, directory=directory) for f in self.flags
                     if not source.endswith('.s') or assembler_knows(f)]
            self.run([compiler, *flags, '-c', os.path.join(here, source), '-o', objects[-1]],
                     directory)
        self.run([cxx, *[f for f in self.flags if f.startswith(('-O', '-flto', '-g'))],
                  '-o', 'corpus', *objects, *self.link], directory)
        if self.after:
            self.run(['sh', '-ec', self.after], directory)
        case = Case(self.name, os.path.join(directory, 'corpus'))
        if self.reference:
            whole = os.path.join(directory, self.reference)
            case.symbols = case.entries = whole
            case.for_llvm = case.for_addr2line = case.for_gdb = whole
        if self.dirs:
            case.dirs = os.path.join(directory, self.dirs)
        case.traits = set(self.traits)
        return case

    @staticmethod
    def run(command, directory):
        answer = subprocess.run(command, cwd=directory, text=True, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, timeout=300, check=False)
        if answer.returncode != 0:
            raise RuntimeError(f'{command} in {directory}: {answer.stdout}')


def assembler_knows(flag):
    return (flag.startswith(('-g', '-O')) and
            not flag.startswith(('-gsplit', '-gline', '-gmlt', '-gno', '-gsimple', '-ggnu', '-g3')))


def plain():
    for level in ('0', '1', '2', '3', 's'):
        for version in (2, 3, 4, 5):
            yield Variant(f'gcc-O{level}-dwarf{version}', 'gcc', f'-O{level} -gdwarf-{version}')
        for version in (4, 5):
            yield Variant(f'clang-O{level}-dwarf{version}', 'clang',
                          f'-O{level} -gdwarf-{version}')


def compressed():
    for kind in ('zlib', 'zlib-gnu'):
        yield Variant(f'gcc-{kind}', 'gcc', f'-O2 -g -gz={kind}', f'-gz={kind}')
    yield Variant('clang-zlib', 'clang', '-O2 -g -gz=zlib', '-gz=zlib')
    yield Variant('gcc-zstd', 'gcc', '-O2 -g', reference='whole',
                  after='cp corpus whole; objcopy --compress-debug-sections=zstd corpus')


def reduced():
    yield Variant('gcc-g1', 'gcc', '-O2 -g1', traits=['g1'])
    yield Variant('clang-g1', 'clang', '-O2 -g1', traits=['g1'])
    yield Variant('clang-gmlt', 'clang', '-O2 -gmlt', traits=['g1'])
    yield Variant('gcc-types', 'gcc', '-O2 -gdwarf-4 -fdebug-types-section')
    yield Variant('gcc-types-5', 'gcc', '-O2 -gdwarf-5 -fdebug-types-section')
    yield Variant('clang-types-5', 'clang', '-O2 -gdwarf-5 -fdebug-types-section')
    yield Variant('gcc-strict', 'gcc', '-O2 -gdwarf-3 -gstrict-dwarf')


def peculiar():
    """Choices of compilers that change how the same is written."""
    for name, compiler, flags, link in (
            ('gcc-64bit', 'gcc', '-O2 -g -gdwarf64', ''),
            ('clang-64bit', 'clang', '-O2 -gdwarf-5 -gdwarf64', ''),
            ('gcc-own-lines-5', 'gcc', '-O2 -gdwarf-5 -gno-as-loc-support', ''),
            ('gcc-own-lines-4', 'gcc', '-O2 -gdwarf-4 -gno-as-loc-support', ''),
            ('gcc-own-lines-2', 'gcc', '-O2 -gdwarf-2 -gno-as-loc-support', ''),
            ('gcc-debugging', 'gcc', '-Og -g3', ''),
            ('gcc-relative', 'gcc', '-O2 -g -ffile-prefix-map={here}=source '
                                    '-ffile-prefix-map={directory}=.', ''),
            ('gcc-relative-4', 'gcc', '-O2 -gdwarf-4 -ffile-prefix-map={here}=source '
                                      '-ffile-prefix-map={directory}=.', ''),
            ('clang-relative', 'clang', '-O2 -g -ffile-prefix-map={here}=source '
                                        '-fdebug-compilation-dir=.', ''),
            ('gcc-sanitized', 'gcc', '-O1 -g -fsanitize=undefined', '-fsanitize=undefined'),
            ('gcc-large', 'gcc', '-O2 -g -mcmodel=large', ''),
            ('gcc-static', 'gcc', '-O2 -g', '-static'),
            ('clang-gas', 'clang', '-O2 -g -fno-integrated-as', ''),
            ('clang-simple-names', 'clang', '-O2 -gdwarf-5 -gsimple-template-names', ''),
            ('clang-aranges', 'clang', '-O2 -gdwarf-4 -gdwarf-aranges', ''),
            ('clang-unique', 'clang', '-O2 -g -funique-internal-linkage-names', ''),
            ('clang-blocks', 'clang', '-O2 -gdwarf-5 -fbasic-block-sections=all',
             '-fuse-ld=lld'),
            ('clang-blocks-4', 'clang', '-O2 -gdwarf-4 -fbasic-block-sections=all',
             '-fuse-ld=lld'),
            ('gcc-index', 'gcc', '-O2 -g -ggnu-pubnames', '-fuse-ld=gold -Wl,--gdb-index')):
        yield Variant(name, compiler, flags, link, traits=[name])


def linked():
    yield Variant('gcc-lto', 'gcc', '-O2 -g -flto')
    yield Variant('gcc-lto-partitions', 'gcc', '-O2 -g -flto -flto-partition=max')
    yield Variant('clang-lto', 'clang', '-O2 -g -flto', '-fuse-ld=lld', needs=('ld.lld',))
    yield Variant('gcc-sections', 'gcc', '-O2 -g -ffunction-sections',
                  '-Wl,--gc-sections')
    yield Variant('clang-sections-4', 'clang', '-O2 -gdwarf-4 -ffunction-sections',
                  '-fuse-ld=lld -Wl,--gc-sections -Wl,--icf=all', needs=('ld.lld',),
                  traits=['icf'])
    yield Variant('clang-sections-5', 'clang', '-O2 -gdwarf-5 -ffunction-sections',
                  '-fuse-ld=lld -Wl,--gc-sections', needs=('ld.lld',))
    yield Variant('gcc-gold-icf', 'gcc', '-O2 -g -ffunction-sections',
                  '-fuse-ld=gold -Wl,--gc-sections -Wl,--icf=all', needs=('ld.gold',),
                  traits=['icf'])
    yield Variant('gcc-no-pie', 'gcc', '-O2 -g -fno-pie', '-no-pie')
    yield Variant('gcc-split-parts', 'gcc',
                  '-O3 -g -fpartial-inlining -freorder-blocks-and-partition')
    yield Variant('clang-hot-cold', 'clang', '-O2 -g -mllvm -hot-cold-split=true')


def apart():
    """Separate debug files, supplements, split units."""
    strip = ('mkdir -p debug/.build-id; cp corpus whole; id=$(readelf -n corpus | '
             'sed -n "s/.*Build ID: //p"); mkdir -p debug/.build-id/${id%${id#??}}; '
             'objcopy --only-keep-debug corpus debug/.build-id/${id%${id#??}}/${id#??}.debug; '
             'strip -s corpus')
    yield Variant('gcc-build-id', 'gcc', '-O2 -g', '-Wl,--build-id', after=strip,
                  reference='whole', dirs='debug')
    yield Variant('gcc-debuglink', 'gcc', '-O2 -g', '-Wl,--build-id=none', reference='whole',
                  after='cp corpus whole; mkdir .debug; objcopy --only-keep-debug corpus '
                        '.debug/corpus.debug; cd .debug; objcopy --strip-all '
                        '--add-gnu-debuglink=corpus.debug ../whole ../corpus')
    for version in (4, 5):
        # Two files that share: dwz takes into the third what both have.
        for kind in ('', '-sup'):
            if kind and version == 4:
                continue
            yield Variant(f'gcc-dwz-{version}{kind}', 'gcc', f'-O2 -gdwarf-{version}',
                          '-Wl,--build-id',
                          after='cp corpus whole; cp corpus other; dwz '
                                + ('--dwarf-5 ' if kind else '') +
                                '-m shared.dwz -M shared.dwz corpus other',
                          reference='whole', needs=('dwz',))
        yield Variant(f'gcc-dwz-alone-{version}', 'gcc', f'-O2 -gdwarf-{version}',
                      after='cp corpus whole; dwz corpus', reference='whole', needs=('dwz',))
        for compiler in ('gcc', 'clang'):
            split = f'-O2 -gdwarf-{version} -gsplit-dwarf'
            yield Variant(f'{compiler}-split-{version}', compiler, split, traits=['split'])
            yield Variant(f'{compiler}-split-O0-{version}', compiler,
                          split.replace('-O2', '-O0'), traits=['split'])
            yield Variant(f'{compiler}-split-ranges-{version}', compiler,
                          split + ' -ffunction-sections', traits=['split'])
            yield Variant(f'{compiler}-split-types-{version}', compiler,
                          split + ' -fdebug-types-section', traits=['split'])
            # binutils' dwp (2.40) crashes over DWARF 5.
            packer = 'dwp' if compiler == 'gcc' and version == 4 else 'llvm-dwp'
            yield Variant(f'{compiler}-package-{version}', compiler, split,
                          after=f'timeout 60 {packer} -e corpus -o corpus.dwp; mkdir gone; mv *.dwo gone',
                          traits=['split'], needs=(packer,))
        yield Variant(f'clang-split-inlining-{version}', 'clang',
                      f'-O2 -gdwarf-{version} -gsplit-dwarf -fsplit-dwarf-inlining',
                      after='mkdir gone; mv *.dwo gone', traits=['split', 'gone'])


class Built:
    """A program of this project, as it was built."""

    traits, failed, compiler = (), '', ''

    def __init__(self, name, path, limit):
        self.name, self.path, self.limit = name, path, limit
        self.skipped = f'{path} has no debug information'

    def make(self, _here, _directory):
        sections = subprocess.run(['readelf', '-SW', self.path], text=True, check=True,
                                  stdout=subprocess.PIPE).stdout
        return Case(self.name, self.path) if '.debug_info' in sections else None


def built(profinject):
    yield Built('profinject', profinject, 3000)


class Other:
    """A program in another language, if its compiler is there."""

    traits, failed = (), ''

    def __init__(self, name, source, flags, limit=2000):
        self.name, self.source, self.flags, self.limit = name, source, flags.split(), limit
        self.compiler = OTHERS[os.path.splitext(source)[1]]
        self.skipped = f'no {self.compiler}'

    def make(self, here, directory):
        if shutil.which(self.compiler) is None:
            return None
        shutil.rmtree(directory, ignore_errors=True)
        os.makedirs(directory)
        Variant.run([self.compiler, *self.flags, '-o', 'corpus', os.path.join(here, self.source)],
                    directory)
        return Case(self.name, os.path.join(directory, 'corpus'))


def others():
    for version in (4, 5):
        yield Other(f'fortran-{version}', 'corpus.f90', f'-O2 -gdwarf-{version}')
    yield Other('fortran-O0', 'corpus.f90', '-O0 -g')
    yield Other('rust', 'corpus.rs', '-O -g')
    yield Other('rust-debug', 'corpus.rs', '-g')
    yield Other('rust-v0', 'corpus.rs', '-O -g -C symbol-mangling-version=v0')
    for compiler in ('gcc', 'clang'):
        for level in ('0', '2'):
            yield Variant(f'{compiler}-standard-O{level}', compiler, f'-O{level} -g -std=c++17',
                          sources=['standard.cc'], limit=1500)


class Installed:
    """A stripped file of the system whose package of debug symbols is there, found by its
    build-id; those of binutils refer to supplements of dwz as well."""

    compiler = flags = ''
    failed = ''

    def __init__(self, name, path, package, limit=1500, traits=()):
        self.name, self.path, self.limit, self.traits = name, path, limit, traits
        self.skipped = f'{package} is not installed, or not of this build'

    def make(self, _here, _directory):
        path = os.path.realpath(self.path)
        if not os.path.exists(path):
            return None
        notes = subprocess.run(['readelf', '-n', path], text=True, stdout=subprocess.PIPE,
                               check=True).stdout
        digits = notes.partition('Build ID: ')[2].split('\n')[0]
        debug = f'/usr/lib/debug/.build-id/{digits[:2]}/{digits[2:]}.debug'
        if not digits or not os.path.exists(debug):
            return None
        case = Case(self.name, path)
        case.symbols, case.entries, case.traits = debug, '', set(self.traits)
        return case


def installed():
    lib = '/usr/lib/x86_64-linux-gnu/'
    yield Installed('libc', lib + 'libc.so.6', 'libc6-dbg', 3000)
    yield Installed('libm', lib + 'libm.so.6', 'libc6-dbg')
    yield Installed('ld.so', lib + 'ld-linux-x86-64.so.2', 'libc6-dbg')
    yield Installed('python', '/usr/bin/python3', 'python3-dbg', 3000)
    yield Installed('libbfd', lib + 'libbfd-2.40-system.so', 'libbinutils-dbg',
                    traits=['dwz'])
    yield Installed('libgprofng', lib + 'libgprofng.so.0', 'libgprofng0-dbg',
                    traits=['dwz'])


def all_variants(profinject, is_long):
    found = list(built(profinject))
    for group in (plain, compressed, reduced, peculiar, linked, apart, others):
        found.extend(group())
    for variant in found:
        variant.limit = 0 if is_long else variant.limit
    return found
