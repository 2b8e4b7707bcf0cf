using System.Collections.Immutable;
using Orca.Model.Native;
using static TorchSharp.torch;

namespace Orca.Model.Network;

// Shapes: B batch, T tokens, N = B·T, P tokens of all groups with their padding, H heads, K key/value heads,
// D head dimension; per group: C documents, L tokens of its longest.

/// <summary>
/// Packed attention document by document: those of similar length are gathered into a batch of their own, padded at the end,
/// where causal attention never looks. Its work grows with the square of the documents, not of the rows.
/// </summary>
internal sealed class DocumentAttention : IAttention, IDisposable
{
    // A document joins a group if it fills at least this share of the group's longest.
    private const double LeastFill = 0.7;

    private readonly ImmutableArray<Group> groups;
    private readonly Tensor? places_N;
    private readonly Dictionary<int, Tensor> windowMasks = [];

    /// <param name="segments_BT">[B, T] on the CPU; documents are its runs of equal numbers, row by row.</param>
    public DocumentAttention(Tensor segments_BT)
    {
        PositionLimit = (int)segments_BT.shape[1];
        var documents = DocumentRun.Of(segments_BT);
        if (documents.All(document => document.Length == documents[0].Length))
        {
            // Already a batch of documents: nothing to gather.
            groups = [new Group(documents.Count, documents[0].Length, null)];
            return;
        }

        var places = new long[segments_BT.numel()];
        var grouped = ImmutableArray.CreateBuilder<Group>();
        var first = 0L;
        foreach (var members in Similar(documents))
        {
            grouped.Add(Gather(members, first, places));
            first += (long)members.Count * members[0].Length;
        }

        groups = grouped.ToImmutable();
        places_N = tensor(places).DetachFromDisposeScope();
    }

    public int PositionLimit { get; }

    public Tensor Attend(int layer, Tensor query_BTHD, Tensor key_BTKD, Tensor value_BTKD, int? window = null)
    {
        using var scope = NewDisposeScope();
        Tensor[] inputs = [query_BTHD, key_BTKD, value_BTKD];
        // Row gathers go through the embedding operator: its gradient is parallel, that of index_select is not.
        var flat = inputs.Select(x => x.flatten(0, 1).flatten(1)).ToArray();
        var attended = groups.Select(group => Attend(group, flat, inputs, window)).ToArray();
        var attended_PX = attended.Length == 1 ? attended[0] : cat(attended, 0);
        var attended_NX = places_N is null ? attended_PX : Aten.Embedding(attended_PX, places_N);
        return attended_NX.view(query_BTHD.shape).MoveToOuterDisposeScope();
    }

    public void Dispose()
    {
        places_N?.Dispose();
        foreach (var mask in windowMasks.Values)
        {
            mask.Dispose();
        }

        foreach (var group in groups)
        {
            group.Tokens_CL?.Dispose();
        }
    }

    // [C·L, H·D]
    private Tensor Attend(Group group, Tensor[] flat_NX, Tensor[] inputs, int? window)
    {
        var parts = flat_NX.Zip(inputs, (x_NX, input) =>
            Widened(group.Tokens_CL is null ? x_NX : Aten.Embedding(x_NX, group.Tokens_CL))
            .view(group.Count, group.Length, input.shape[2], input.shape[3])).ToArray();
        var repeats = inputs[0].shape[2] / inputs[1].shape[2];
        var mask = window < group.Length ? WindowMaskOf(group.Length, window.Value, parts[0].dtype) : null;
        var attended_CHLD = Aten.Attention(
            parts[0].transpose(1, 2),
            PackedAttention.Repeat(parts[1], repeats).transpose(1, 2),
            PackedAttention.Repeat(parts[2], repeats).transpose(1, 2),
            mask,
            causal: mask is null);
        return attended_CHLD.transpose(1, 2).reshape((long)group.Count * group.Length, -1).to_type(inputs[0].dtype);
    }

    // A model has one window, so the length alone tells the masks apart.
    private Tensor WindowMaskOf(int length, int window, ScalarType dtype)
    {
        if (!windowMasks.TryGetValue(length, out var mask))
        {
            windowMasks.Add(length, mask = WindowMask.Added(length, window, dtype, CPU).DetachFromDisposeScope());
        }

        return mask;
    }

    // The fused kernel's backward pass takes seven times as long in bf16 (25 ms for 32 documents of 64 tokens, 4 heads of
    // 32, on one core of an Emerald Rapids) as in fp32 with the casts.
    private static Tensor Widened(Tensor x) => x.element_size() < 4 ? x.to_type(ScalarType.Float32) : x;

    // Longest first; each group's first is its longest.
    private static IEnumerable<List<DocumentRun>> Similar(List<DocumentRun> documents)
    {
        var members = new List<DocumentRun>();
        foreach (var document in documents.OrderByDescending(document => document.Length))
        {
            if (members.Count > 0 && document.Length < LeastFill * members[0].Length)
            {
                yield return members;
                members = [];
            }

            members.Add(document);
        }

        yield return members;
    }

    private static Group Gather(List<DocumentRun> members, long first, long[] places)
    {
        var length = members[0].Length;
        var tokens = new List<long>(members.Count * length);
        foreach (var document in members)
        {
            for (var i = 0; i < length; i++)
            {
                // Beyond its end a document repeats its last token, which nothing before it sees.
                tokens.Add(document.Start + Math.Min(i, document.Length - 1));
                if (i < document.Length)
                {
                    places[document.Start + i] = first + tokens.Count - 1;
                }
            }
        }

        return new Group(members.Count, length, tensor(tokens.ToArray()).DetachFromDisposeScope());
    }

    /// <summary>Documents that attend in one call; no tokens where they lie in the batch as they are.</summary>
    private sealed record Group(int Count, int Length, Tensor? Tokens_CL);
}
