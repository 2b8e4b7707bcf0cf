using System.Buffers;
using System.Security.Cryptography;
using Microsoft.Win32.SafeHandles;
using Orca.Model.Weights;

namespace Orca.Model.Differences;

/// <summary>The files of a base that something is taken from, open. Safe to read from several threads.</summary>
internal sealed class BaseReader : IDisposable
{
    private const int BufferBytes = 1 << 20;

    private readonly List<SafeFileHandle> handles = [];
    private readonly List<string> paths = [];

    /// <summary>Opens files.</summary>
    /// <param name="folder">The base's folder.</param>
    /// <param name="names">The files' paths within it.</param>
    /// <param name="purpose">What the files are needed for, for a message.</param>
    /// <exception cref="ModelFormatException">One is missing or cannot be read.</exception>
    public BaseReader(string folder, IEnumerable<string> names, string purpose)
    {
        foreach (var path in names.Select(name => Path.Combine(folder, name)))
        {
            try
            {
                handles.Add(File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete));
                paths.Add(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Dispose();
                throw new ModelFormatException(
                    File.Exists(path) ? $"'{path}' cannot be read: {e.Message}" : $"'{path}' is missing; {purpose} needs it.", e);
            }
        }
    }

    /// <summary>Bytes of a file.</summary>
    public long Length(int file) => RandomAccess.GetLength(handles[file]);

    /// <summary>Path of a file.</summary>
    public string PathOf(int file) => paths[file];

    /// <summary>SHA-256 of a file, in lower-case hexadecimal digits.</summary>
    public string Digest(int file, WorkCounter work, CancellationToken cancellationToken)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
            var position = 0L;
            for (int read; (read = RandomAccess.Read(handles[file], buffer, position)) > 0; position += read)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer.AsSpan(0, read));
                work.Add(read);
            }

            return Convert.ToHexStringLower(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>What the base predicts of a part, or holds of it.</summary>
    /// <param name="part">The part; one with a place in the base.</param>
    /// <param name="start">Where in the part to begin.</param>
    /// <param name="bytes">How many bytes of the part.</param>
    /// <exception cref="ModelFormatException">The file has become shorter.</exception>
    public byte[] Predicted(FilePart part, long start, int bytes)
    {
        var place = part.Base!;
        var (from, to) = (WeightType.Find(place.Type)!, WeightType.Find(part.Type)!);
        var values = new byte[bytes / to.Bytes * from.Bytes];
        Read(place.File, place.Offset + (start / to.Bytes * from.Bytes), values);
        if (from == to)
        {
            return values;
        }

        var predicted = new byte[bytes];
        Prediction.Convert(from, values, to, predicted);
        return predicted;
    }

    public void Dispose()
    {
        foreach (var handle in handles)
        {
            handle.Dispose();
        }
    }

    private void Read(int file, long offset, Span<byte> to)
    {
        for (var done = 0; done < to.Length;)
        {
            var read = RandomAccess.Read(handles[file], to[done..], offset + done);
            done += read > 0 ? read : throw new ModelFormatException($"'{paths[file]}' was cut while it was read.");
        }
    }
}
