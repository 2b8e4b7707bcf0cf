using System.Runtime.InteropServices;

namespace Orca.Serving.Sampling.Json;

/// <summary>
/// How far a JSON value is written: a stack of values that are not complete, moved on byte by byte. Every byte that may
/// come next leaves it where the value can still be completed.
/// </summary>
internal sealed class JsonState
{
    /// <summary>Objects and arrays within each other at most: what System.Text.Json reads by default, less one.</summary>
    private const int MaxOpen = 63;

    /// <summary>White space in a row at most: a student that falls into it must come out again.</summary>
    private const int MaxSpaces = 40;

    private readonly JsonGrammar grammar;
    private Frame[] frames = new Frame[8];
    private int count;

    /// <summary>A value that has not begun.</summary>
    public JsonState(JsonGrammar grammar)
    {
        this.grammar = grammar;
        Push(new Frame(FrameKind.Ground, Phase.Start, 0, 0, 0));
        Push(new Frame(FrameKind.Value, Phase.Start, grammar.Root, 0, 0));
    }

    /// <summary>Whether the value is complete and nothing may follow.</summary>
    public bool IsComplete => count == 1;

    /// <summary>Whether the value may end here. A number may, and may go on.</summary>
    public bool MayEnd => count == 1 || (count == 2 && Top.Kind switch
    {
        FrameKind.Number => JsonNumber.MayEnd(Top.Phase),
        FrameKind.Literal => grammar[Top.Shape].Literals!.EndAt(Top.A) >= 0,
        _ => false,
    });

    /// <summary>The state as text that is equal for equal states alone.</summary>
    public ReadOnlySpan<char> Key => MemoryMarshal.Cast<Frame, char>(frames.AsSpan(0, count));

    private ref Frame Top => ref frames[count - 1];

    /// <summary>Becomes equal to another state of the same grammar.</summary>
    public void CopyFrom(JsonState other)
    {
        if (frames.Length < other.count)
        {
            frames = new Frame[other.frames.Length];
        }

        count = other.count;
        other.frames.AsSpan(0, count).CopyTo(frames);
    }

    /// <summary>Takes the next byte; false where it may not come, and then the state is spoilt.</summary>
    public bool TryAdvance(byte next)
    {
        while (!IsComplete)
        {
            ref var top = ref Top;
            if (IsBetween(top) && next is (byte)' ' or (byte)'\n' or (byte)'\t')
            {
                return ++frames[0].A <= MaxSpaces;
            }

            frames[0].A = 0;
            switch (top.Kind)
            {
                case FrameKind.Value:
                    count--;
                    return TryBegin(top.Shape, next);
                case FrameKind.String:
                    return TryString(ref top, next);
                case FrameKind.Object:
                    return TryObject(ref top, next);
                case FrameKind.Literal when TryLiteral(ref top, next):
                case FrameKind.Number when JsonNumber.TryAdvance(ref top, next, IsInteger(top.Shape)):
                    return true;
                case FrameKind.Array when TryArray(ref top, next) is { } outcome:
                    return outcome;
                case FrameKind.Array:
                    break; // An element begins with this byte.
                case FrameKind.Literal when grammar[top.Shape].Literals!.EndAt(top.A) >= 0:
                case FrameKind.Number when JsonNumber.MayEnd(top.Phase):
                    count--; // It ended before this byte.
                    break;
                default:
                    return false;
            }
        }

        return false;
    }

    /// <summary>Whether white space may stand here.</summary>
    private static bool IsBetween(in Frame top) => top.Kind switch
    {
        FrameKind.Value => true,
        FrameKind.Object => top.Phase != Phase.Name,
        FrameKind.Array => true,
        _ => false,
    };

    private bool IsInteger(int shape) => !grammar[shape].Kinds.HasFlag(JsonKinds.Number);

    private bool TryBegin(int number, byte next)
    {
        var shape = grammar[number];
        if (shape.Literals is { } literals)
        {
            Push(new Frame(FrameKind.Literal, Phase.Start, number, 0, 0));
            return TryLiteral(ref Top, next);
        }

        switch (next)
        {
            case (byte)'{' when Has(shape, JsonKinds.Object) && frames[0].B < MaxOpen:
                frames[0].B++;
                Push(new Frame(FrameKind.Object, Phase.Start, number, 0, 0));
                return true;
            case (byte)'[' when Has(shape, JsonKinds.Array) && frames[0].B < MaxOpen:
                frames[0].B++;
                Push(new Frame(FrameKind.Array, Phase.Start, number, 0, 0));
                return true;
            case (byte)'"' when Has(shape, JsonKinds.String):
                Push(new Frame(FrameKind.String, Phase.Start, number, 0, 0));
                return true;
            case (byte)'t' or (byte)'f' when Has(shape, JsonKinds.Boolean):
                return TryBegin(grammar.Boolean, next);
            case (byte)'n' when Has(shape, JsonKinds.Null):
                return TryBegin(grammar.Null, next);
            case (byte)'-' or (>= (byte)'0' and <= (byte)'9') when Has(shape, JsonKinds.Number | JsonKinds.Integer):
                Push(new Frame(FrameKind.Number, Phase.Start, number, 0, 0));
                return JsonNumber.TryAdvance(ref Top, next, IsInteger(number));
            default:
                return false;
        }
    }

    private static bool Has(JsonShape shape, JsonKinds kinds) => (shape.Kinds & kinds) != 0;

    private bool TryLiteral(ref Frame frame, byte next)
    {
        var literals = grammar[frame.Shape].Literals!;
        var at = literals.Step(frame.A, next);
        if (at < 0)
        {
            return false;
        }

        frame.A = at;
        count -= literals.IsLeaf(at) ? 1 : 0;
        return true;
    }

    private bool TryString(ref Frame frame, byte next)
    {
        var (least, most) = grammar[frame.Shape].Length;
        if (frame.Phase == Phase.Start && next == '"')
        {
            var isLongEnough = frame.A >= least;
            count--;
            return isLongEnough;
        }

        return (frame.Phase != Phase.Start || frame.A < most) && JsonString.TryAdvance(ref frame, next, CountTo(least, most));
    }

    private bool TryObject(ref Frame frame, byte next)
    {
        var properties = grammar[frame.Shape].Properties;
        switch (frame.Phase)
        {
            case Phase.Start or Phase.NextName when next == '"' && (properties is null || frame.A < properties.Count):
                (frame.Phase, frame.B) = (properties is null ? Phase.Colon : Phase.Name, 0);
                if (properties is null)
                {
                    Push(new Frame(FrameKind.String, Phase.Start, grammar.Any, 0, 0));
                }

                return true;
            case Phase.Name:
                return TryName(ref frame, properties!, next);
            case Phase.Colon when next == ':':
                var value = grammar.NumberOf(properties?[frame.A]);
                (frame.Phase, frame.A) = (Phase.AfterValue, properties is null ? 0 : frame.A + 1);
                Push(new Frame(FrameKind.Value, Phase.Start, value, 0, 0));
                return true;
            case Phase.AfterValue when next == ',' && (properties is null || frame.A < properties.Count):
                frame.Phase = Phase.NextName;
                return true;
            case Phase.Start or Phase.AfterValue when next == '}' && (properties?.MayEnd(frame.A) ?? true):
                Close();
                return true;
            default:
                return false;
        }
    }

    private static bool TryName(ref Frame frame, JsonProperties properties, byte next)
    {
        var at = properties.Names.Step(frame.B, next);
        if (at < 0 || !properties.Names.CanBecome(at, frame.A, properties.LastFrom(frame.A)))
        {
            return false;
        }

        frame.B = at;
        if (properties.Names.EndAt(at) is >= 0 and var found)
        {
            (frame.Phase, frame.A, frame.B) = (Phase.Colon, found, 0);
        }

        return true;
    }

    /// <summary>Null where the byte is the first of an element.</summary>
    private bool? TryArray(ref Frame frame, byte next)
    {
        var shape = grammar[frame.Shape];
        var (least, most) = shape.ItemCount;
        if (next == ']' && frame.A >= least)
        {
            Close();
            return true;
        }

        if (frame.A >= most || (frame.Phase == Phase.AfterValue && next != ','))
        {
            return false;
        }

        var isFirst = frame.Phase == Phase.Start;
        frame.Phase = Phase.AfterValue;
        frame.A = Math.Min(frame.A + 1, CountTo(least, most));
        Push(new Frame(FrameKind.Value, Phase.Start, grammar.NumberOf(shape.Items), 0, 0));
        return isFirst ? null : true;
    }

    /// <summary>Counting ends where it no longer matters, so that all places within a free string are one state.</summary>
    private static int CountTo(int least, int most) => most < int.MaxValue ? most : least;

    private void Close()
    {
        frames[0].B--;
        count--;
    }

    private void Push(Frame frame)
    {
        if (count == frames.Length)
        {
            Array.Resize(ref frames, 2 * count);
        }

        frames[count++] = frame;
    }
}
