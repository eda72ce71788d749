#!/usr/bin/env python3
"""Compiles the programs of recorded launches with NVIDIA's NVRTC and tells what each kernel takes of a multiprocessor.

    python3 native/emulator/resources.py RECORDED... [--architectures sm_80,sm_90] [--nvrtc FOLDER] [--write PAGE]

RECORDED are folders of launches that the emulator recorded (native/README.md). NVRTC needs no GPU; Debian's libnvrtc11.2 will do.
Exit code 1 when a program does not compile.
"""
import argparse
import ctypes
import re
import struct
import sys
from collections import defaultdict
from pathlib import Path

OPTIONS = ["--std=c++17", "--fmad=false", "--ptxas-options=-v"]  # as KernelCompiler has them, and the compiler's report
FOLDERS = ["/usr/lib/x86_64-linux-gnu", "/usr/local/cuda/lib64", "/usr/lib64"]
# Of a multiprocessor: shared memory in bytes (1 KiB a block is the system's), registers, threads, blocks.
MULTIPROCESSORS = {"sm_80": (164 * 1024, 65536, 2048, 32), "sm_90": (228 * 1024, 65536, 2048, 32)}
SHOWN = ["REAL", "WIDTHS", "BATCH", "SAMPLES", "IN_GLOBAL_MEMORY"]


class Nvrtc:
    def __init__(self, folder):
        for place in [folder] if folder else FOLDERS:
            for name in ["libnvrtc.so.13", "libnvrtc.so.12", "libnvrtc.so.11.2"]:
                if (Path(place) / name).exists():
                    for builtins in Path(place).glob("libnvrtc-builtins.so.*.*"):
                        ctypes.CDLL(str(builtins), mode=ctypes.RTLD_GLOBAL)
                    self.library = ctypes.CDLL(str(Path(place) / name))
                    major, minor = ctypes.c_int(), ctypes.c_int()
                    self.library.nvrtcVersion(ctypes.byref(major), ctypes.byref(minor))
                    self.version = f"{major.value}.{minor.value}"
                    return
        sys.exit("there is no libnvrtc; apt-get install libnvrtc11.2 libnvrtc-builtins11.8 (Debian, non-free), or name its folder with --nvrtc")

    def compile(self, text, architecture):
        """The compiler's log; None and the log when it fails."""
        program, size = ctypes.c_void_p(), ctypes.c_size_t()
        self.library.nvrtcCreateProgram(ctypes.byref(program), text, b"program.cu", 0, None, None)
        options = [option.encode() for option in [f"--gpu-architecture={architecture}", *OPTIONS]]
        result = self.library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
        self.library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
        log = ctypes.create_string_buffer(size.value)
        self.library.nvrtcGetProgramLog(program, log)
        self.library.nvrtcDestroyProgram(ctypes.byref(program))
        return result, log.value.decode()


def section(image, name):
    """Contents of a section of a 64-bit ELF file."""
    table, size, count, names = struct.unpack_from("<Q", image, 40)[0], *struct.unpack_from("<HHH", image, 58)
    heads = [struct.unpack_from("<IIQQQQ", image, table + i * size) for i in range(count)]
    for head in heads:
        start = heads[names][4] + head[0]
        if image[start : image.index(b"\0", start)] == name.encode():
            return image[head[4] : head[4] + head[5]]
    sys.exit(f"a recorded module has no section {name}; record again with this version of the emulator")


def launches(folders):
    """{program text: {(kernel, threads, dynamic shared bytes)}}"""
    found = defaultdict(set)
    for folder in folders:
        for path in sorted(Path(folder).rglob("launch.txt")):
            lines = dict(line.split(" ", 1) for line in path.read_text().splitlines() if " " in line)
            x, y, z = map(int, lines["block"].split())
            text = section((path.parent / "module.so").read_bytes(), "emulated_program")
            found[text].add((lines["kernel"], x * y * z, int(lines["shared"])))
    return found


def report(log):
    """{kernel: (registers, stack bytes, spilled bytes, static shared bytes)}"""
    kernels = {}
    for entry in re.split(r"Compiling entry function '", log)[1:]:
        number = lambda pattern: sum(int(value) for value in re.findall(pattern, entry))
        stack = re.search(r"(\d+) bytes stack frame", entry)
        kernels[entry.split("'")[0]] = (
            number(r"Used (\d+) registers"),
            int(stack.group(1)) if stack else 0,
            number(r"(\d+) bytes spill"),
            number(r"(\d+) bytes smem"),
        )
    return kernels


def blocks(architecture, threads, registers, shared):
    """Blocks of a multiprocessor at once: by shared memory, by registers (in units of 256 a warp), by threads."""
    memory, all_registers, all_threads, most = MULTIPROCESSORS[architecture]
    warps = -(-threads // 32)
    limits = {
        "shared memory": memory // (shared + 1024),
        "registers": all_registers // (-(-registers * 32 // 256) * 256 * warps),
        "threads": all_threads // (warps * 32),
        "blocks": most,
    }
    least = min(limits, key=limits.get)
    return limits[least], least


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", metavar="RECORDED")
    parser.add_argument("--architectures", default="sm_80,sm_90")
    parser.add_argument("--nvrtc", help="folder of libnvrtc")
    parser.add_argument("--write", help="a Markdown page to write")
    options = parser.parse_args()
    nvrtc = Nvrtc(options.nvrtc)
    programs = launches(options.folders)
    if not programs:
        sys.exit(f"no recorded launches in {' '.join(options.folders)}")
    rows, failed = [], 0
    for text, used in programs.items():
        names = dict(re.findall(r"^#define (\w+) (.*)$", text.decode(), re.M))
        shape = ", ".join(f"{key.lower().replace('_', ' ')} {names[key].replace(', ', '-')}" for key in SHOWN[2:] if key in names)
        net = f"{names.get('WIDTHS', '').replace(', ', '-')} | {names.get('REAL', '')} | {shape}"
        for architecture in options.architectures.split(","):
            result, log = nvrtc.compile(text, architecture)
            if result:
                failed += 1
                print(f"{net}: does not compile for {architecture}\n{log}", file=sys.stderr)
                continue
            kernels = report(log)
            for kernel, threads, dynamic in sorted(used):
                registers, stack, spilled, static = kernels[kernel]
                count, limit = blocks(architecture, threads, registers, static + dynamic)
                rows.append((kernel, net, architecture, threads, registers, stack, spilled, static + dynamic, count, limit))
    head = "| kernel | net | type | of it | architecture | threads | registers | stack, bytes | spilled, bytes | shared, bytes | blocks a multiprocessor, by |"
    lines = [head, "| --- " * 11 + "|"]
    lines += [f"| {k} | {n} | {a} | {t} | {r} | {st} | {sp} | {sh} | {c}, {li} |" for k, n, a, t, r, st, sp, sh, c, li in sorted(set(rows))]
    print("\n".join(lines))
    print(f"{len(programs)} programs, {len(rows)} kernels, {failed} failures, NVRTC {nvrtc.version}", file=sys.stderr)
    if options.write:
        Path(options.write).write_text(PAGE.format(version=nvrtc.version, table="\n".join(lines)))
    return 1 if failed else 0


PAGE = """# What the kernels take

`dotnet cake --target=Kernels`: the programs of native/emulator/shapes as the emulator records them, compiled by NVRTC {version}. No GPU takes part: these are the compiler's own counts, and how many blocks
fit a multiprocessor by its shared memory (164 KiB on sm_80, 228 KiB on sm_90, 1 KiB of it taken for each block), its 65536 registers and its 2048 threads. Stack holds arrays that are indexed at run time; spilled
are registers written to memory and read again.

{table}
"""

if __name__ == "__main__":
    sys.exit(main())
