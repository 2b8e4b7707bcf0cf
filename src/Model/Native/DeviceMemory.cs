using System.Runtime.InteropServices;
using System.Text;
using TorchSharp;

namespace Orca.Model.Native;

/// <summary>How much memory a device has, by its driver, or the machine by its system, and what the device is called.</summary>
public static unsafe class DeviceMemory
{
    // cudaDeviceProp is less than that, and begins with the name.
    private const int PropertiesBytes = 1 << 14;
    private const int NameBytes = 256;

    /// <summary>Bytes that may still be taken; null where the driver does not say.</summary>
    /// <param name="device"><c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</param>
    public static long? FreeBytes(string device)
    {
        var where = torch.device(device);
        return where.type == DeviceType.CPU ? MachineMemory.AvailableBytes() : OnCuda(where)?.Free;
    }

    /// <summary>Bytes that are taken: of a GPU by whomever, else by this process; null where the driver does not say.</summary>
    /// <param name="device">As for <see cref="FreeBytes"/>.</param>
    public static long? UsedBytes(string device)
    {
        var where = torch.device(device);
        return where.type == DeviceType.CPU ? Environment.WorkingSet : OnCuda(where) is { } memory ? memory.Total - memory.Free : null;
    }

    /// <summary>What a GPU is called; null for the processor, and where the driver does not say.</summary>
    /// <param name="device">As for <see cref="FreeBytes"/>.</param>
    public static string? NameOf(string device)
    {
        var where = torch.device(device);
        if (where.type == DeviceType.CPU || Runtime() is not { } runtime
            || !NativeLibrary.TryGetExport(runtime, "cudaGetDeviceProperties_v2", out var export))
        {
            return null;
        }

        var properties = stackalloc byte[PropertiesBytes];
        var ask = (delegate* unmanaged<byte*, int, int>)export;
        return ask(properties, Math.Max(0, where.index)) == 0
            ? Encoding.ASCII.GetString(properties, new ReadOnlySpan<byte>(properties, NameBytes).IndexOf((byte)0))
            : null;
    }

    private static (long Free, long Total)? OnCuda(torch.Device where)
    {
        if (Runtime() is not { } runtime)
        {
            return null;
        }

        nuint free, total;
        var set = (delegate* unmanaged<int, int>)NativeLibrary.GetExport(runtime, "cudaSetDevice");
        var ask = (delegate* unmanaged<nuint*, nuint*, int>)NativeLibrary.GetExport(runtime, "cudaMemGetInfo");
        return set(Math.Max(0, where.index)) == 0 && ask(&free, &total) == 0 ? ((long)free, (long)total) : null;
    }

    // That which libtorch has loaded: a second one would not know its context.
    private static nint? Runtime()
    {
        var library = File.ReadLines("/proc/self/maps").Select(line => line[(line.LastIndexOf(' ') + 1)..])
            .FirstOrDefault(path => Path.GetFileName(path).StartsWith("libcudart", StringComparison.Ordinal));
        return library is not null && NativeLibrary.TryLoad(library, out var handle) ? handle : null;
    }
}
