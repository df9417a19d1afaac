using System.IO.Pipelines;
using System.Text;
using Floodgate.Redis.Tracking;

namespace Floodgate.UnitTests.Redis.Tracking;

/// <summary>The other end of a tracking connection: it says what the test has it say.</summary>
internal sealed class TrackingServer : IAsyncDisposable
{
    /// <summary>How long a test waits for what must come.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly Pipe _commands = new();
    private readonly Pipe _answers = new();

    public TrackingServer() => Connection = new TrackingConnection(new TwoWayStream(_answers.Reader.AsStream(), _commands.Writer.AsStream(), () => _answers.Writer.Complete()));

    public TrackingConnection Connection { get; }

    /// <summary>Waits for the next command, its parts apart by spaces.</summary>
    public async Task<string> CommandAsync()
    {
        using var limit = new CancellationTokenSource(Patience);
        while (true)
        {
            var read = await _commands.Reader.ReadAsync(limit.Token);
            var reader = new System.Buffers.SequenceReader<byte>(read.Buffer);
            if (RespFrame.TryRead(ref reader) is { } frame)
            {
                _commands.Reader.AdvanceTo(reader.Position);
                return string.Join(' ', frame.Items.Select(part => part.Words));
            }

            _commands.Reader.AdvanceTo(read.Buffer.Start, read.Buffer.End);
            Assert.False(read.IsCompleted, "The connection was closed.");
        }
    }

    /// <summary>Whether the client has sent something that was not looked at.</summary>
    public bool HasCommand()
    {
        if (!_commands.Reader.TryRead(out var read))
        {
            return false;
        }

        _commands.Reader.AdvanceTo(read.Buffer.Start);
        return !read.Buffer.IsEmpty;
    }

    /// <summary>Says something, <c>\r\n</c> for each space.</summary>
    public async Task SayAsync(params string[] frames) =>
        await _answers.Writer.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(frames.Select(frame => frame.Replace(" ", "\r\n", StringComparison.Ordinal) + "\r\n"))));

    /// <summary>Says something as it is, and the end of its line.</summary>
    public async Task SayLineAsync(string frame) => await _answers.Writer.WriteAsync(Encoding.ASCII.GetBytes(frame + "\r\n"));

    /// <summary>Loses the connection.</summary>
    public ValueTask CloseAsync() => _answers.Writer.CompleteAsync();

    public static string Values(params string?[] values) =>
        $"*{values.Length}{string.Concat(values.Select(value => value is null ? " _" : $" ${value.Length} {value}"))}";

    public static string Changed(string key) => $">2 $10 invalidate *1 ${key.Length} {key}";

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    private sealed class TwoWayStream(Stream input, Stream output, Action closed) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => true;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => input.ReadAsync(buffer, cancellationToken);

        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await output.WriteAsync(buffer, cancellationToken);
            await output.FlushAsync(cancellationToken);
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        // As with a socket, it ends who reads.
        protected override void Dispose(bool disposing)
        {
            output.Dispose();
            closed();
            base.Dispose(disposing);
        }
    }
}
