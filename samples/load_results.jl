# Loads the results of a run in Julia, without packages: .npy is a short header and the numbers.
#
#     julia samples/load_results.jl results/gauss-10
#
# Arrays are stored row by row, so Julia sees the axes reversed: (..., steps, replicas).

function read_npy(path)
    open(path) do io
        read(io, 6) == UInt8[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59] || error("$path is not a .npy file")
        version = read(io, 2)[1]
        length = version == 1 ? ltoh(read(io, UInt16)) : ltoh(read(io, UInt32))
        header = String(read(io, length))
        kind = match(r"'descr': *'([^']*)'", header)[1]
        type = Dict("<f4" => Float32, "<f8" => Float64, "<i4" => Int32, "<i8" => Int64, "|u1" => UInt8)[kind]
        shape = [parse(Int, axis) for axis in split(match(r"'shape': *\(([^)]*)\)", header)[1], ","; keepempty=false) if !isempty(strip(axis))]
        numbers = Array{type}(undef, reverse(shape)...)
        read!(io, numbers)
    end
end

folder = joinpath(ARGS[1], "arrays")
for file in sort(readdir(folder))
    endswith(file, ".steps.npy") && continue
    println(rpad(file, 40), size(read_npy(joinpath(folder, file))))
end
