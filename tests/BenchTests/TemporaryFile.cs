using System.IO.Compression;

namespace Floodgate.BenchTests;

/// <summary>A file with this text, packed or not, that is gone at the end of the test.</summary>
internal sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string text, bool packed = false)
    {
        using var file = File.Create(Path);
        using var stream = packed ? new GZipStream(file, CompressionLevel.Fastest) : (Stream)file;
        using var writer = new StreamWriter(stream);
        writer.Write(text);
    }

    public string Path { get; } = System.IO.Path.Combine(System.IO.Path.GetTempPath(), System.IO.Path.GetRandomFileName());

    public void Dispose() => File.Delete(Path);
}
