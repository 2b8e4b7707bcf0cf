using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Compression;
using Orca.Serving.Requests;

namespace Orca.Serving.Grpc;

/// <summary>
/// A compression of messages that refuses what is not compressed so as its caller's fault. Without it such a message would end its call
/// with UNKNOWN, as a fault of the server's.
/// </summary>
/// <param name="inner">Compresses, and reads what is.</param>
internal sealed class CheckedCompression(ICompressionProvider inner) : ICompressionProvider
{
    public string EncodingName => inner.EncodingName;

    public Stream CreateCompressionStream(Stream stream, CompressionLevel? compressionLevel) =>
        inner.CreateCompressionStream(stream, compressionLevel);

    public Stream CreateDecompressionStream(Stream stream) => new CheckedStream(inner.CreateDecompressionStream(stream), EncodingName);

    private sealed class CheckedStream(Stream inner, string encoding) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override int Read(Span<byte> buffer)
        {
            try
            {
                return inner.Read(buffer);
            }
            catch (InvalidDataException fault)
            {
                throw FailureStatus.Of(new GenerationException(
                    Failure.InvalidRequest, $"The message is said to be compressed by {encoding}, and is not.", fault));
            }
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                inner.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}
