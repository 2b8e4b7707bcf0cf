using Orca.Model.Native;
using TorchSharp;

namespace Orca.Cli.Commands;

/// <summary>The device a setting names.</summary>
internal static class Devices
{
    /// <summary>Opens <c>cpu</c> or <c>cuda</c>.</summary>
    /// <exception cref="CommandException">There is no such device here.</exception>
    public static torch.Device Open(string name)
    {
        _ = TorchRuntime.Folder;
        if (name == "cuda" && !torch.cuda.is_available())
        {
            throw new CommandException(
                $"Setting 'run.device' is 'cuda', but the libtorch in '{TorchRuntime.Folder}' sees no CUDA device; use --device cpu, or set {TorchRuntime.FolderVariable} to the torch/lib folder of a PyTorch with CUDA.");
        }

        return name == "cuda" ? torch.CUDA : torch.CPU;
    }
}
