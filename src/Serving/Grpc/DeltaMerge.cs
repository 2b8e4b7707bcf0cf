using Orca.Protocol.Inference.V1;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>
/// Gathers deltas while the caller takes the one before, so that a slow caller gets fewer, longer ones.
/// </summary>
internal sealed class DeltaMerge(bool withTokenIds)
{
    private Delta? pending;

    /// <summary>Whether there is something worth sending.</summary>
    public bool HasNews => pending is { } delta && (delta.Text.Length > 0 || delta.TokenIds.Count > 0);

    /// <summary>Adds a delta; all of one answer are of one version.</summary>
    public void Add(GenerationEvent.Delta delta)
    {
        pending ??= new Delta { WeightVersion = (ulong)delta.Version, FirstTokenIndex = (uint)delta.FirstTokenIndex };
        pending.Text += delta.Text;
        if (withTokenIds)
        {
            pending.TokenIds.AddRange(delta.Tokens.Select(token => (uint)token));
        }
    }

    /// <summary>Takes what was gathered.</summary>
    public Delta Take()
    {
        var delta = pending!;
        pending = null;
        return delta;
    }
}
