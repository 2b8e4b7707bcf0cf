using System.Runtime.CompilerServices;
using Orca.Model.Native;

namespace Orca.Tests.Shared;

/// <summary>Loads libtorch before a test's first use of TorchSharp.</summary>
internal static class TorchBeforeTests
{
    [ModuleInitializer]
    internal static void Load() => _ = TorchRuntime.Folder;
}
