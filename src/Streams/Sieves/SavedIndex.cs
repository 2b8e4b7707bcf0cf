using System.Buffers.Binary;
using System.IO.Hashing;
using System.Text;

namespace Orca.Streams.Sieves;

/// <summary>Takes bytes, or writes over them.</summary>
internal delegate void SpanVisitor(Span<byte> bytes);

/// <summary>A file of an index's arrays, with what it is at the beginning and a checksum at the end.</summary>
internal sealed class SavedIndex : IDisposable
{
    private const string Format = "orca index 1 ";

    private readonly string path;
    private readonly FileStream stream;
    private readonly XxHash3 hash = new();

    private SavedIndex(string path)
    {
        this.path = path;
        stream = new FileStream(path + ".new", FileMode.Create, FileAccess.Write, FileShare.None, bufferSize: 1 << 16);
    }

    /// <summary>Begins a file, beside the one that is there.</summary>
    /// <param name="path">Path of the file.</param>
    /// <param name="content">What it holds, in what form: only a file of the same is read.</param>
    public static SavedIndex Create(string path, string content)
    {
        var file = new SavedIndex(path);
        file.Write(Header(content));
        return file;
    }

    /// <summary>Writes some of it.</summary>
    public void Write(Span<byte> bytes)
    {
        hash.Append(bytes);
        stream.Write(bytes);
    }

    /// <summary>Puts it into the place of the former one, once it is on disk.</summary>
    public void Publish()
    {
        Span<byte> sum = stackalloc byte[sizeof(ulong)];
        BinaryPrimitives.WriteUInt64LittleEndian(sum, hash.GetCurrentHashAsUInt64());
        stream.Write(sum);
        stream.Flush(flushToDisk: true);
        stream.Dispose();
        File.Move(path + ".new", path, overwrite: true);
    }

    /// <summary>Reads a file into the arrays that are shown.</summary>
    /// <returns>Whether it is there, whole, and of that content. Where it is not, the arrays hold anything.</returns>
    public static bool Read(string path, string content, Action<SpanVisitor> into)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 1 << 16);
            var hash = new XxHash3();
            var (expected, header) = (Header(content), new byte[Header(content).Length]);
            Take(header);
            if (!expected.AsSpan().SequenceEqual(header))
            {
                return false;
            }

            into(Take);
            Span<byte> sum = stackalloc byte[sizeof(ulong)];
            stream.ReadExactly(sum);
            return BinaryPrimitives.ReadUInt64LittleEndian(sum) == hash.GetCurrentHashAsUInt64() && stream.ReadByte() < 0;

            void Take(Span<byte> bytes)
            {
                stream.ReadExactly(bytes);
                hash.Append(bytes);
            }
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>Leaves the former file as it was, unless this one was published.</summary>
    public void Dispose()
    {
        stream.Dispose();
        File.Delete(path + ".new");
    }

    private static byte[] Header(string content) => Encoding.UTF8.GetBytes(Format + content + "\n");
}
