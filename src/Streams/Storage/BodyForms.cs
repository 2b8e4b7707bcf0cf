using System.Collections.Immutable;
using MessagePack;
using MessagePack.Formatters;
using Orca.Streams.Screening;

namespace Orca.Streams.Storage;

/// <summary>A form is an array of fields in a fixed order; fields that this version does not know are passed over.</summary>
internal abstract class BodyForm<T>(int fields) : IMessagePackFormatter<T?>
    where T : class
{
    public void Serialize(ref MessagePackWriter writer, T? value, MessagePackSerializerOptions options)
    {
        writer.WriteArrayHeader(fields);
        Write(ref writer, value!);
    }

    public T Deserialize(ref MessagePackReader reader, MessagePackSerializerOptions options)
    {
        var present = reader.ReadArrayHeader();
        if (present < fields)
        {
            throw new MessagePackSerializationException($"{present} fields where {fields} are expected");
        }

        var value = Read(ref reader);
        for (var more = fields; more < present; more++)
        {
            reader.Skip();
        }

        return value;
    }

    protected abstract void Write(ref MessagePackWriter writer, T value);

    protected abstract T Read(ref MessagePackReader reader);
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
    }

    protected override RequestBody Read(ref MessagePackReader reader)
    {
        var (systemMessage, prompt) = (reader.ReadString()!, reader.ReadString()!);
        var gold = ImmutableArray.CreateBuilder<string>();
        for (var left = reader.ReadArrayHeader(); left > 0; left--)
        {
            gold.Add(reader.ReadString()!);
        }

        return new RequestBody(systemMessage, prompt, gold.ToImmutable(), reader.ReadString(), reader.ReadString());
    }
}

internal sealed class AnswerBodyForm() : BodyForm<AnswerBody>(fields: 2)
{
    protected override void Write(ref MessagePackWriter writer, AnswerBody value)
    {
        writer.Write(value.Response);
        writer.Write(value.Reasoning);
    }

    protected override AnswerBody Read(ref MessagePackReader reader) => new(reader.ReadString()!, reader.ReadString()!);
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
