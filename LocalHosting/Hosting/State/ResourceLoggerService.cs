using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>A line that a resource wrote.</summary>
/// <param name="LineNumber">Counted from 1.</param>
/// <param name="Content">The line.</param>
/// <param name="IsErrorMessage">Whether it was written to the error output.</param>
public readonly record struct LogLine(int LineNumber, string Content, bool IsErrorMessage);

/// <summary>Keeps the newest lines of every resource and tells who asks.</summary>
public class ResourceLoggerService
{
    private const int MaxKeptLines = 2_000;

    private readonly ConcurrentDictionary<string, ResourceLog> _logs = new(ResourceNames.Comparer);

#pragma warning disable MA0046 // The sender is always this service: what matters is who wrote what.
    internal event Action<string, string, LogLevel>? LineWritten;
#pragma warning restore MA0046

    /// <summary>Gets a logger that writes into a resource's log.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The logger.</returns>
    public ILogger GetLogger(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return GetLogger(resource.Name);
    }

    /// <summary>Gets a logger that writes into a process's log.</summary>
    /// <param name="resourceName">The process, or the name of a resource with one process.</param>
    /// <returns>The logger.</returns>
    public ILogger GetLogger(string resourceName) => new Logger(this, resourceName);

    /// <summary>Watches the log of a resource, beginning with the lines that are kept.</summary>
    /// <param name="resource">The resource.</param>
    /// <returns>The lines.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(IResource resource)
    {
        ArgumentNullException.ThrowIfNull(resource);
        return WatchAsync(resource.Name);
    }

    /// <summary>Watches the log of a process, beginning with the lines that are kept.</summary>
    /// <param name="resourceName">The process, or the name of a resource with one process.</param>
    /// <returns>The lines.</returns>
    public IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(string resourceName) => Log(resourceName).WatchAsync();

    /// <summary>Gets the lines that are kept.</summary>
    /// <param name="resourceName">The process, or the name of a resource with one process.</param>
    /// <returns>The lines, at most 2,000.</returns>
    internal IReadOnlyList<LogLine> Kept(string resourceName) => Log(resourceName).Kept();

    internal void Write(string resourceId, string line, LogLevel level)
    {
        Log(resourceId).Add(line, level >= LogLevel.Error);
        LineWritten?.Invoke(resourceId, line, level);
    }

    private ResourceLog Log(string id) => _logs.GetOrAdd(id, static _ => new ResourceLog());

    private sealed class Logger(ResourceLoggerService service, string id) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            service.Write(id, formatter(state, exception) + (exception is null ? "" : $" ({exception.Message})"), logLevel);
    }

    private sealed class ResourceLog
    {
        private readonly Lock _gate = new();
        private readonly Queue<LogLine> _lines = new();
        private readonly List<Channel<LogLine>> _readers = [];
        private int _count;

        public void Add(string content, bool isError)
        {
            lock (_gate)
            {
                var line = new LogLine(++_count, content, isError);
                _lines.Enqueue(line);
                if (_lines.Count > MaxKeptLines)
                    _lines.Dequeue();
                foreach (var reader in _readers)
                    reader.Writer.TryWrite(line);
            }
        }

        public IReadOnlyList<LogLine> Kept()
        {
            lock (_gate)
                return [.. _lines];
        }

        public async IAsyncEnumerable<IReadOnlyList<LogLine>> WatchAsync(
            [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken = default)
        {
            var channel = Channel.CreateBounded<LogLine>(new BoundedChannelOptions(MaxKeptLines) { FullMode = BoundedChannelFullMode.DropOldest });
            lock (_gate)
            {
                foreach (var line in _lines)
                    channel.Writer.TryWrite(line);
                _readers.Add(channel);
            }

            try
            {
                while (await channel.Reader.WaitToReadAsync(cancellationToken))
                {
                    var batch = new List<LogLine>();
                    while (channel.Reader.TryRead(out var line))
                        batch.Add(line);
                    yield return batch;
                }
            }
            finally
            {
                lock (_gate)
                    _readers.Remove(channel);
            }
        }
    }
}
