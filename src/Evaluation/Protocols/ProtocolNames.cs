using System.Collections.Immutable;

namespace Orca.Evaluation.Protocols;

/// <summary>The protocols by name.</summary>
public static class ProtocolNames
{
    /// <summary>All of them, the default first.</summary>
    public static ImmutableArray<IProtocol> All { get; } = [new RobustProtocol(), new PaperProtocol(), new HarnessProtocol()];

    /// <summary>The protocol of a name; null for none.</summary>
    public static IProtocol? Find(string name) => All.FirstOrDefault(protocol => protocol.Name == name);
}
