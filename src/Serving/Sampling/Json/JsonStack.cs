namespace Orca.Serving.Sampling.Json;

/// <summary>One way of reading a JSON text: the values that are not complete, each within the one below it.</summary>
internal sealed class JsonStack
{
    /// <summary>Objects and arrays within each other at most: what System.Text.Json reads by default, less one.</summary>
    public const int MaxOpen = 63;

    /// <summary>White space in a row at most: a student that falls into it must come out again.</summary>
    private const int MaxSpaces = 40;

    private Frame[] frames = new Frame[8];
    private int count;

    /// <summary>Whether the value is complete and nothing may follow.</summary>
    public bool IsComplete => count == 1;

    /// <summary>Whether it is no way any more.</summary>
    public bool IsClear => count == 0;

    private ref Frame Top => ref frames[count - 1];

    private ref Frame Ground => ref frames[0];

    private int Room => MaxOpen - Ground.B;

    /// <summary>A value that has not begun.</summary>
    public void Begin(int shape)
    {
        count = 0;
        Push(new Frame(FrameKind.Ground, Phase.Start, 0, 0, 0, 0));
        Push(new Frame(FrameKind.Value, Phase.Start, shape, 0, 0, 0));
    }

    /// <summary>Is no way any more.</summary>
    public void Clear() => count = 0;

    /// <summary>Whether the value may end here.</summary>
    public bool MayEnd(JsonGrammar grammar) => count == 1 || (count == 2 && Top.Kind == FrameKind.Text && MayEndText(Top, grammar));

    /// <summary>Becomes equal to another.</summary>
    public void CopyFrom(JsonStack other)
    {
        if (frames.Length < other.count)
        {
            frames = new Frame[other.frames.Length];
        }

        count = other.count;
        other.frames.AsSpan(0, count).CopyTo(frames);
    }

    /// <summary>Whether it is equal to another.</summary>
    public bool IsEqualTo(JsonStack other) => frames.AsSpan(0, count).SequenceEqual(other.frames.AsSpan(0, other.count));

    /// <summary>Adds to a key: see <see cref="JsonState.KeyWithin"/>.</summary>
    public void WriteKey(JsonGrammar grammar, int horizon, ref int[] key, ref int length)
    {
        const int numbersOfFrame = 5;
        if (key.Length < length + 1 + (numbersOfFrame * count))
        {
            Array.Resize(ref key, 2 * (length + 1 + (numbersOfFrame * count)));
        }

        key[length++] = count;
        foreach (ref readonly var frame in frames.AsSpan(0, count))
        {
            var (a, b, c) = (frame.A, frame.B, frame.C);
            if (frame.Kind == FrameKind.String)
            {
                var shape = (JsonShape.String)grammar[frame.Shape];
                (a, c) = (Math.Clamp(shape.Least - frame.A, 0, horizon), Math.Min(shape.Most - frame.A, horizon));
            }
            else if (frame.Kind == FrameKind.Array)
            {
                var shape = (JsonShape.Array)grammar[frame.Shape];
                (a, b, c) = (Math.Min(a, shape.Prefix.Length), Math.Clamp(shape.Least - frame.A, 0, horizon), Math.Min(shape.Most - frame.A, horizon));
            }

            key[length++] = ((int)frame.Kind << 16) | (int)frame.Phase;
            key[length++] = frame.Shape;
            key[length++] = a;
            key[length++] = b;
            key[length++] = c;
        }
    }

    /// <summary>Takes the next byte; false where it may not come.</summary>
    /// <param name="next">The byte.</param>
    /// <param name="grammar">The grammar.</param>
    /// <param name="state">Takes the other ways that the byte opens.</param>
    public bool TryAdvance(byte next, JsonGrammar grammar, JsonState state)
    {
        while (count > 1)
        {
            ref var top = ref Top;
            if (IsBetween(top) && next is (byte)' ' or (byte)'\n' or (byte)'\t')
            {
                return ++Ground.A <= MaxSpaces;
            }

            Ground.A = 0;
            switch (top.Kind)
            {
                case FrameKind.Value:
                    return TryBegin(top.Shape, next, grammar, state);
                case FrameKind.String:
                    return TryString(ref top, next, (JsonShape.String)grammar[top.Shape]);
                case FrameKind.Object:
                    return TryObject(ref top, next, (JsonShape.Object)grammar[top.Shape], grammar, state);
                case FrameKind.Text when TryText(ref top, next, grammar):
                    return true;
                case FrameKind.Text when MayEndText(top, grammar):
                    count--; // It ended before this byte.
                    break;
                case FrameKind.Array when TryArray(ref top, next, (JsonShape.Array)grammar[top.Shape], grammar) is { } outcome:
                    return outcome;
                case FrameKind.Array:
                    break; // An element begins with this byte.
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

    private static bool MayEndText(in Frame frame, JsonGrammar grammar) =>
        frame.C == 0 && ((JsonShape.Text)grammar[frame.Shape]).Texts.MayEnd(frame.A);

    /// <summary>Begins each shape that can begin so, the first here and the others in forks.</summary>
    private bool TryBegin(int shape, byte next, JsonGrammar grammar, JsonState state)
    {
        count--;
        var first = -1;
        foreach (var simple in grammar.SimpleOf(shape))
        {
            if (!CanBegin(simple, next, grammar))
            {
                continue;
            }

            if (first < 0)
            {
                first = simple;
            }
            else
            {
                state.Fork(this)?.Begin(simple, next, grammar);
            }
        }

        if (first >= 0)
        {
            Begin(first, next, grammar);
        }

        return first >= 0;
    }

    private bool CanBegin(int simple, byte next, JsonGrammar grammar) => grammar[simple] switch
    {
        JsonShape.Text text => next < 0x80 && text.Texts.Step(0, next) >= 0,
        JsonShape.String => next == '"',
        JsonShape.Object => next == '{' && grammar.DepthOf(simple) <= Room,
        _ => next == '[' && grammar.DepthOf(simple) <= Room,
    };

    private void Begin(int simple, byte next, JsonGrammar grammar)
    {
        switch (grammar[simple])
        {
            case JsonShape.Text text:
                var at = text.Texts.Step(0, next);
                if (!text.Texts.IsLast(at))
                {
                    Push(new Frame(FrameKind.Text, Phase.Start, simple, at, 0, 0));
                }

                break;
            case JsonShape.String:
                Push(new Frame(FrameKind.String, Phase.Start, simple, 0, 0, 0));
                break;
            case JsonShape.Object:
                Ground.B++;
                Push(new Frame(FrameKind.Object, Phase.Start, simple, 0, 0, 0));
                break;
            default:
                Ground.B++;
                Push(new Frame(FrameKind.Array, Phase.Start, simple, 0, 0, 0));
                break;
        }
    }

    /// <summary>Characters of several bytes are taken byte by byte, as long as one of those they can become may come.</summary>
    private bool TryText(ref Frame frame, byte next, JsonGrammar grammar)
    {
        var texts = ((JsonShape.Text)grammar[frame.Shape]).Texts;
        if (frame.C == 0 && next >= 0x80)
        {
            var bytes = next switch { >= 0xF0 and <= 0xF4 => 4, >= 0xE0 and < 0xF0 => 3, >= 0xC2 and < 0xE0 => 2, _ => 0 };
            return bytes > 0 && TryPart(ref frame, texts, next & (0x7F >> bytes), bytes - 1, bytes);
        }

        if (frame.C > 0)
        {
            return next is >= 0x80 and < 0xC0
                && TryPart(ref frame, texts, (frame.B << 6) | (next & 0x3F), (frame.C >> 8) - 1, frame.C & 0xFF);
        }

        return TryCharacter(ref frame, texts, next);
    }

    private bool TryPart(ref Frame frame, Automata.Automaton texts, int bits, int lacking, int bytes)
    {
        if (lacking == 0)
        {
            (frame.B, frame.C) = (0, 0);
            return bits >= LeastOf(bytes) && TryCharacter(ref frame, texts, bits);
        }

        (frame.B, frame.C) = (bits, (lacking << 8) | bytes);
        var (first, last) = (Math.Max(bits << (6 * lacking), LeastOf(bytes)), ((bits + 1) << (6 * lacking)) - 1);
        return first <= last && texts.CanStep(frame.A, first, last);
    }

    /// <summary>The first character that takes so many bytes: what is longer than it need be is none.</summary>
    private static int LeastOf(int bytes) => bytes switch { 2 => 0x80, 3 => 0x800, _ => 0x1_0000 };

    private bool TryCharacter(ref Frame frame, Automata.Automaton texts, int character)
    {
        var at = texts.Step(frame.A, character);
        if (at < 0)
        {
            return false;
        }

        frame.A = at;
        count -= texts.IsLast(at) ? 1 : 0;
        return true;
    }

    private bool TryString(ref Frame frame, byte next, JsonShape.String shape)
    {
        if (frame.Phase == Phase.Start && next == '"')
        {
            var isLongEnough = frame.A >= shape.Least;
            count--;
            return isLongEnough;
        }

        return (frame.Phase != Phase.Start || frame.A < shape.Most)
            && JsonString.TryAdvance(ref frame, next, CountTo(shape.Least, shape.Most));
    }

    private bool TryObject(ref Frame frame, byte next, JsonShape.Object shape, JsonGrammar grammar, JsonState state)
    {
        var properties = shape.Properties;
        switch (frame.Phase)
        {
            case Phase.Start or Phase.NextName when next == '"':
                return TryBeginName(ref frame, shape, grammar, state);
            case Phase.Name:
                return TryName(ref frame, properties, next);
            case Phase.Colon when next == ':':
                var value = frame.B < 0 ? shape.Others : properties.All[frame.A].Value;
                (frame.Phase, frame.A, frame.B) = (Phase.AfterValue, frame.B < 0 ? frame.A : frame.A + 1, 0);
                Push(new Frame(FrameKind.Value, Phase.Start, value, 0, 0, 0));
                return true;
            case Phase.AfterValue when next == ',' && (properties.MayFollow(frame.A, Room) || MayOther(frame, shape, grammar)):
                frame.Phase = Phase.NextName;
                return true;
            case Phase.Start or Phase.AfterValue when next == '}' && properties.MayEnd(frame.A):
                Close();
                return true;
            default:
                return false;
        }
    }

    /// <summary>Whether a property that the object does not name may come next: when all that it must have are there.</summary>
    private bool MayOther(in Frame frame, JsonShape.Object shape, JsonGrammar grammar) =>
        shape.OtherNames is not null && shape.Properties.MayEnd(frame.A) && grammar.DepthOf(shape.Others) <= Room;

    private bool TryBeginName(ref Frame frame, JsonShape.Object shape, JsonGrammar grammar, JsonState state)
    {
        var (isNamed, isOther) = (shape.Properties.MayFollow(frame.A, Room), MayOther(frame, shape, grammar));
        var other = !isOther ? null : isNamed ? state.Fork(this) : this;
        if (isNamed)
        {
            (frame.Phase, frame.B) = (Phase.Name, 0);
        }

        other?.BeginOtherName(shape, grammar);
        return isNamed || isOther;
    }

    private void BeginOtherName(JsonShape.Object shape, JsonGrammar grammar)
    {
        ref var frame = ref Top;
        (frame.Phase, frame.A, frame.B) = (Phase.Colon, shape.Properties.Count, -1);
        Begin(shape.OtherNames!.Value, (byte)'"', grammar);
    }

    private bool TryName(ref Frame frame, JsonProperties properties, byte next)
    {
        var at = properties.Names.Step(frame.B, next);
        if (at < 0 || !properties.CanBecome(at, frame.A, Room))
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
    private bool? TryArray(ref Frame frame, byte next, JsonShape.Array shape, JsonGrammar grammar)
    {
        if (next == ']' && frame.A >= shape.Least)
        {
            Close();
            return true;
        }

        var item = shape.ItemAt(frame.A);
        if (frame.A >= shape.Most || (frame.Phase == Phase.AfterValue && next != ',') || grammar.DepthOf(item) > Room)
        {
            return false;
        }

        var isFirst = frame.Phase == Phase.Start;
        frame.Phase = Phase.AfterValue;
        frame.A = Math.Min(frame.A + 1, Math.Max(shape.Prefix.Length, CountTo(shape.Least, shape.Most)));
        Push(new Frame(FrameKind.Value, Phase.Start, item, 0, 0, 0));
        return isFirst ? null : true;
    }

    /// <summary>Counting ends where it no longer matters, so that all places within a free string are one state.</summary>
    private static int CountTo(int least, int most) => most < int.MaxValue ? most : least;

    private void Close()
    {
        Ground.B--;
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
