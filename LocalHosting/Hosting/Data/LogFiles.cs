using System.Collections.Concurrent;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Data;

/// <summary>Writes every line of every resource into a file of its own; the console shows a part of them.</summary>
internal sealed class LogFiles : IDisposable
{
    private const long MaxBytes = 20 * 1024 * 1024;

    private readonly ConcurrentDictionary<string, LogFile> _files = new(StringComparer.Ordinal);
    private readonly ResourceLoggerService _loggers;
    private readonly string _folder;

    public LogFiles(ResourceLoggerService loggers, DataFolder data)
    {
        _loggers = loggers;
        _folder = data.Sub("logs");
        loggers.LineWritten += Write;
    }

    public void Dispose()
    {
        _loggers.LineWritten -= Write;
        foreach (var file in _files.Values)
            file.Dispose();
    }

    private void Write(string id, string line, LogLevel level) =>
        _files.GetOrAdd(id, static (name, folder) => new LogFile(Path.Combine(folder, name + ".log")), _folder).Write(line);

    private sealed class LogFile(string path) : IDisposable
    {
        private readonly Lock _gate = new();
        private StreamWriter? _writer;
        private bool _ended;

        public void Write(string line)
        {
            lock (_gate)
            {
                if (_ended)
                    return;
                _writer ??= Open();
                _writer.WriteLine(line);
                if (_writer.BaseStream.Length > MaxBytes)
                {
                    _writer.Dispose();
                    _writer = Open();
                }
            }
        }

        public void Dispose()
        {
            lock (_gate)
            {
                _ended = true;
                _writer?.Dispose();
            }
        }

        private StreamWriter Open()
        {
            if (File.Exists(path))
                File.Move(path, path + ".1", overwrite: true);
            return new StreamWriter(new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.Read)) { AutoFlush = true };
        }
    }
}
