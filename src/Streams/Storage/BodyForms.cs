using System.Collections.Immutable;
using MessagePack;
using MessagePack.Formatters;
using Orca.Streams.Screening;

namespace Orca.Streams.Storage;

/// <summary>
/// A form is an array of fields in a fixed order; fields that this version does not know are passed over, and those that came later are
/// written only where they say something.
/// </summary>
/// <param name="fields">Fields that are always there.</param>
internal abstract class BodyForm<T>(int fields) : IMessagePackFormatter<T?>
    where T : class
{
    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options)
    {
        writer.WriteArrayHeader(fields + LaterFieldsOf(value!));
        Write(ref writer, value!);
    }

    public T Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        var present = reader.ReadArrayHeader();
        if (present < fields)
        {
            throw new MessagePackSerializationException($"{present} fields where {fields} are expected");
        }

        var (value, later) = Read(ref reader, present - fields);
        for (var more = fields + later; more < present; more++)
        {
            reader.Skip();
        }

        return value;
    }

    protected abstract void Write(ref MessagePackWriter writer, T value);

    /// <summary>Fields of a value that came later.</summary>
    protected virtual int LaterFieldsOf(T value) => 0;

    /// <summary>A value, and how many of the later fields were read of those that are there.</summary>
    protected abstract (T Value, int LaterFields) Read(ref MessagePackReader reader, int laterFields);
}

internal sealed class RequestBodyForm() : BodyForm<RequestBody>(fields: 5)
{
    protected override void Write(ref MessagePackWriter writer, RequestBody value)
    {
        writer.Write(value.SystemMessage);
        writer.Write(value.Prompt);
        writer.WriteArrayHeader(value.GoldAnswers.Length);
        foreach (var gold in value.GoldAnswers)
        {
            writer.Write(gold);
        }

        writer.Write(value.Explanation);
        writer.Write(value.PrescribedMessage);
        var later = LaterFieldsOf(value);
        if (later > 0)
        {
            writer.Write(value.Mistake);
        }

        if (later > 1)
        {
            writer.Write(value.Hint);
        }
    }

    protected override int LaterFieldsOf(RequestBody value) => value.Hint is not null ? 2 : value.Mistake is not null ? 1 : 0;

    protected override (RequestBody Value, int LaterFields) Read(ref MessagePackReader reader, int laterFields)
    {
        var (systemMessage, prompt) = (reader.ReadString()!, reader.ReadString()!);
        var gold = ImmutableArray.CreateBuilder<string>();
        for (var left = reader.ReadArrayHeader(); left > 0; left--)
        {
            gold.Add(reader.ReadString()!);
        }

        var body = new RequestBody(systemMessage, prompt, gold.ToImmutable(), reader.ReadString(), reader.ReadString());
        body = laterFields > 0 ? body with { Mistake = reader.ReadString() } : body;
        body = laterFields > 1 ? body with { Hint = reader.ReadString() } : body;
        return (body, Math.Min(laterFields, 2));
    }
}

internal sealed class AnswerBodyForm() : BodyForm<AnswerBody>(fields: 2)
{
    protected override void Write(ref MessagePackWriter writer, AnswerBody value)
    {
        writer.Write(value.Response);
        writer.Write(value.Reasoning);
    }

    protected override (AnswerBody Value, int LaterFields) Read(ref MessagePackReader reader, int laterFields) =>
        (new AnswerBody(reader.ReadString()!, reader.ReadString()!), 0);
}

/// <summary>What each screen found; an array of four fields for each.</summary>
internal sealed class ScreenVerdictsForm : IMessagePackFormatter<ImmutableArray<ScreenVerdict>>
{
    public void Serialize(ref MessagePackWriter writer, ImmutableArray<ScreenVerdict> value, MessagePackSerializerOptions options)
    {
        writer.WriteArrayHeader(value.Length);
        foreach (var verdict in value)
        {
            writer.WriteArrayHeader(4);
            writer.Write(verdict.Screen);
            writer.Write(verdict.Passed);
            writer.Write(verdict.Value);
            writer.Write(verdict.Reason);
        }
    }

    public ImmutableArray<ScreenVerdict> Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        var verdicts = ImmutableArray.CreateBuilder<ScreenVerdict>();
        for (var left = reader.ReadArrayHeader(); left > 0; left--)
        {
            var fields = reader.ReadArrayHeader();
            verdicts.Add(new ScreenVerdict(reader.ReadString()!, reader.ReadBoolean(), reader.ReadDouble(), reader.ReadString()));
            for (var more = 4; more < fields; more++)
            {
                reader.Skip();
            }
        }

        return verdicts.ToImmutable();
    }
}
