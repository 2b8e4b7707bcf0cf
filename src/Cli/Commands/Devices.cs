using Orca.Cli.Configuration;
using Orca.Model.Native;
using TorchSharp;

namespace Orca.Cli.Commands;

/// <summary>The device a setting names.</summary>
internal static class Devices
{
    private const string Cuda = "cuda";

    /// <summary>Opens <c>cpu</c>, <c>cuda</c> or <c>cuda:N</c>.</summary>
    /// <exception cref="CommandException">There is no such device here.</exception>
    public static torch.Device Open(string name)
    {
        var index = name.StartsWith(Cuda + ":", StringComparison.Ordinal) ? NumberText.Read<int>(name[(Cuda.Length + 1)..]) ?? -1 : 0;
        if (name != "cpu" && ((name != Cuda && !name.StartsWith(Cuda + ":", StringComparison.Ordinal)) || index < 0))
        {
            throw new CommandException($"Flag --device is '{name}'; expected cpu, cuda or cuda:N.");
        }

        _ = TorchRuntime.Folder;
        if (name == "cpu")
        {
            return torch.CPU;
        }

        if (!torch.cuda.is_available() || index >= torch.cuda.device_count())
        {
            throw new CommandException(
                $"Setting 'run.device' is '{name}', but the libtorch in '{TorchRuntime.Folder}' sees "
                    + $"{(torch.cuda.is_available() ? $"{torch.cuda.device_count()} CUDA devices alone" : "no CUDA device")}; use "
                    + $"--device cpu, or set {TorchRuntime.FolderVariable} to the torch/lib folder of a PyTorch with CUDA.");
        }

        return torch.device(name);
    }
}
