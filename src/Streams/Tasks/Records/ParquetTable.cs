using System.Text.Encodings.Web;
using System.Text.Json;
using Orca.Streams.Tasks.Files;
using Parquet;
using Parquet.Serialization;

namespace Orca.Streams.Tasks.Records;

/// <summary>Parquet files, a group of rows at a time.</summary>
internal static class ParquetTable
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes each row as a JSON object.</summary>
    /// <exception cref="InvalidDataException">The file is damaged, or holds what is not known.</exception>
    public static async Task WriteAsync(Stream file, Spool into, CancellationToken cancellationToken)
    {
        try
        {
            file.Position = 0;
            int groups;
            await using (var reader = await ParquetReader.CreateAsync(file, null, leaveStreamOpen: true, cancellationToken))
            {
                groups = reader.RowGroupCount;
            }

            for (var group = 0; group < groups; group++)
            {
                file.Position = 0;
                var rows = await ParquetSerializer.DeserializeUntypedAsync(file, null, group, cancellationToken);
                foreach (var row in rows.Data)
                {
                    into.Append(JsonSerializer.SerializeToUtf8Bytes(row, Json));
                    into.Append("\n"u8);
                }
            }
        }
        catch (Exception failure) when (failure is not (OperationCanceledException or OutOfMemoryException or InvalidDataException
            or UnauthorizedAccessException))
        {
            throw new InvalidDataException(failure.Message, failure);
        }
    }
}
