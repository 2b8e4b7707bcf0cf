using Orca.Streams.Tasks.Files;

namespace Orca.Streams.Tasks.Records;

/// <summary>A form that questions are kept in: how a text is cut into records, and how one is read. Any thread.</summary>
internal interface IRecordForm
{
    /// <summary>The collection of questions that name none.</summary>
    string Collection { get; }

    /// <summary>What the names of a folder's files end in.</summary>
    string[] Endings { get; }

    /// <summary>What is expected at a path, for messages.</summary>
    string What { get; }

    /// <summary>Whether its texts are tables, which are read as one JSON object a line.</summary>
    bool IsTable => false;

    /// <summary>
    /// What the reading depends on besides the text: a text that differs where the questions, or which of them are left out, do.
    /// </summary>
    string Settings { get; }

    /// <summary>Refuses a text whose records are of no form that is known, by those that it begins with.</summary>
    /// <param name="text">The text.</param>
    /// <param name="path">Its file, for the message.</param>
    /// <exception cref="TaskFormatException">It is refused; the message names what was found, and a way to read it.</exception>
    void Check(PlainFile text, string path)
    {
    }

    /// <summary>Cuts a text into records; batch after batch, which the caller disposes.</summary>
    /// <exception cref="IOException">The text cannot be read.</exception>
    IEnumerable<RecordBatch> Cut(PlainFile text);

    /// <summary>Looks at the records of a batch: which are questions, of which task.</summary>
    Glances Glance(RecordBatch batch);

    /// <summary>Reads one record as a question.</summary>
    /// <param name="record">Its bytes; may be written over.</param>
    /// <param name="head">What the file says of all its records; null where it says nothing.</param>
    /// <param name="collection">The collection, where it names none.</param>
    /// <param name="task">The task, where it names none.</param>
    RecordReading Read(Memory<byte> record, RecordHead? head, string collection, string task);
}
