using System.Collections.Immutable;
using System.Text;
using System.Text.Json;

namespace Orca.Streams.Tasks.Records;

/// <summary>How records with the same fields are understood: which field is what, by its number in the record; -1 for none.</summary>
/// <param name="Question">Fields that what is asked is made of, in this order.</param>
/// <param name="System">The system message.</param>
/// <param name="Task">The task's name.</param>
/// <param name="Collection">The collection's name.</param>
/// <param name="Id">The id, whose beginning may name the collection.</param>
/// <param name="Template">FLAN's template.</param>
/// <param name="IsAnswered">Whether there is an answer.</param>
internal sealed record JsonShape(ImmutableArray<int> Question, int System, int Task, int Collection, int Id, int Template, bool IsAnswered)
{
    /// <summary>Records that each must be understood by themselves.</summary>
    public static JsonShape Other { get; } = new([], -1, -1, -1, -1, -1, false);

    private static readonly FieldRole[] Asked = [FieldRole.Instruction, FieldRole.Context, FieldRole.Question];

    private static readonly FieldRole[] Answers = [FieldRole.Answer, FieldRole.Response, FieldRole.Explanation];

    /// <summary>Whether the fields alone tell how they are understood.</summary>
    public bool IsPlain => !Question.IsEmpty;

    /// <summary>The shape of a record that is a question.</summary>
    /// <param name="record">The record.</param>
    /// <param name="fields">Which field is what.</param>
    /// <param name="read">The roles that were read of it.</param>
    /// <param name="values">Its fields in order.</param>
    public static JsonShape Of(JsonElement record, RecordFields fields, ImmutableHashSet<FieldRole> read, List<JsonField> values)
    {
        var names = Enum.GetValues<FieldRole>().Where(read.Contains)
            .Select(role => (Role: role, Name: fields.NameIn(record, role)))
            .Where(found => found.Name is not null).ToDictionary(found => found.Role, found => found.Name!);

        // A question in a field that has no such role is one by what stands beside it.
        if (read.Contains(FieldRole.Conversation) || names.Values.Any(name => !IsScalar(record.GetProperty(name)))
            || !names.Keys.Any(role => role is FieldRole.Instruction or FieldRole.Question or FieldRole.Context))
        {
            return Other;
        }

        return new JsonShape(
            [.. Asked.Where(names.ContainsKey).Select(role => NumberOf(names[role], values))],
            NumberIn(FieldRole.System), NumberIn(FieldRole.Task), NumberIn(FieldRole.Collection),
            NumberOf("id", values), NumberOf("template_type", values),
            Answers.Any(role => names.TryGetValue(role, out var name) && JsonRecord.TextOf(record.GetProperty(name)) is not null));

        int NumberIn(FieldRole role) => names.TryGetValue(role, out var name) ? NumberOf(name, values) : -1;
    }

    // Of two fields of one name the last one counts.
    private static int NumberOf(string name, List<JsonField> values)
    {
        var hash = JsonField.HashOf(Encoding.UTF8.GetBytes(name));
        return values.FindLastIndex(value => value.Name == hash);
    }

    private static bool IsScalar(JsonElement value) => value.ValueKind is not (JsonValueKind.Object or JsonValueKind.Array);
}
