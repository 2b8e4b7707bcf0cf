using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchSharp;

namespace Orca.Model.Native;

/// <summary>
/// Loads libtorch, once, before TorchSharp first looks for it: from the folder named by <c>ORCA_LIBTORCH</c>
/// (the <c>torch/lib</c> folder of an installed PyTorch), else from <c>libtorch/</c> beside the program.
/// </summary>
/// <remarks>
/// The libraries are opened by path in the order of their dependencies; every later look-up by name, TorchSharp's
/// included, then finds the copy that is already mapped. A second copy in one process would abort it.
/// </remarks>
public static partial class TorchRuntime
{
    /// <summary>The variable that names another libtorch folder.</summary>
    public const string FolderVariable = "ORCA_LIBTORCH";

    /// <summary>The variable by which MKL fixes the order of its sums; <c>AUTO</c> unless it is set already.</summary>
    public const string OrderOfSumsVariable = "MKL_CBWR";

    private static readonly string[] Dependencies =
        ["libc10.so", "libtorch_cpu.so", "libc10_cuda.so", "libtorch_cuda.so", "libtorch.so"];

    private static readonly Lazy<string> Loaded = new(LoadLibraries);

    /// <summary>The folder libtorch was loaded from. Loads it where that has not happened yet.</summary>
    /// <exception cref="TorchRuntimeException">A library is missing or does not load.</exception>
    public static string Folder => Loaded.Value;

    /// <summary>Handle of libtorch_cpu, for its exported C interface.</summary>
    internal static nint CpuLibrary { get; private set; }

    [ModuleInitializer]
    internal static void Initialize() => _ = Loaded.Value;

    private static string LoadLibraries()
    {
        var beside = Path.Combine(AppContext.BaseDirectory, "libtorch");
        var named = Environment.GetEnvironmentVariable(FolderVariable);
        var folder = string.IsNullOrEmpty(named) ? beside : Path.GetFullPath(named);
        if (!File.Exists(Path.Combine(folder, "libtorch_cpu.so")))
        {
            throw new TorchRuntimeException(string.IsNullOrEmpty(named)
                ? $"libtorch is not in '{folder}'; rebuild the project, or set {FolderVariable} to the torch/lib folder of an installed "
                    + "PyTorch."
                : $"{FolderVariable} names '{folder}', which holds no libtorch_cpu.so; point it to the torch/lib folder of an installed "
                    + "PyTorch.");
        }

        LimitSpinning();
        FixOrderOfSums();
        AskForHugePages();
        foreach (var name in Dependencies)
        {
            var path = Path.Combine(folder, name);
            if (File.Exists(path))
            {
                var handle = Open(path);
                CpuLibrary = name == "libtorch_cpu.so" ? handle : CpuLibrary;
            }
        }

        // A folder of PyTorch has no TorchSharp library: the one beside the program binds to whatever libtorch is mapped.
        var own = Path.Combine(folder, "libLibTorchSharp.so");
        Open(File.Exists(own) ? own : Path.Combine(beside, "libLibTorchSharp.so"));
        torch.InitializeDeviceType(DeviceType.CPU);
        return folder;
    }

    // GNU OpenMP's threads spin for milliseconds where an operator waits for its other half: with anything else on a core a training
    // step on two threads then took ten times as long. Spinning briefly costs 8 % on an idle machine and three to eight times less there.
    private static void LimitSpinning()
    {
        var chosen = Environment.GetEnvironmentVariable("GOMP_SPINCOUNT") ?? Environment.GetEnvironmentVariable("OMP_WAIT_POLICY");
        if (chosen is null && OperatingSystem.IsLinux())
        {
            // .NET's own variables are not those that native libraries see.
            _ = SetNativeVariable("GOMP_SPINCOUNT", "2000", overwrite: 0);
        }
    }

    // Without it MKL chooses the order of a sum by where its operands lie in memory, so that two equal runs differ in their last bits
    // on processors that are not Intel's. AUTO keeps the fastest kernels that the processor has, in one order. Who sets it keeps it.
    private static void FixOrderOfSums()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetNativeVariable(OrderOfSumsVariable, "AUTO", overwrite: 0);
        }
    }

    // libtorch asks the system for huge pages then, where it allocates 2 MiB or more: rows of logits lie further apart than a small page,
    // and looking up where each one is took a fifth of a training step.
    private static void AskForHugePages()
    {
        if (OperatingSystem.IsLinux())
        {
            _ = SetNativeVariable("THP_MEM_ALLOC_ENABLE", "1", overwrite: 0);
        }
    }

    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetNativeVariable(string name, string value, int overwrite);

    private static nint Open(string path)
    {
        try
        {
            return NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw new TorchRuntimeException($"'{path}' does not load: {e.Message.Split('\n')[0]}", e);
        }
    }
}

/// <summary>libtorch is missing or unusable; the message says which file and what to do.</summary>
public sealed class TorchRuntimeException(string message, Exception? inner = null) : Exception(message, inner);
