using System.IO.Compression;
using Floodgate.Bench.CommandLine;

namespace Floodgate.Bench.Graphs;

/// <summary>The lines of a text file, packed with gzip or not, with their numbers. Empty lines and comments (<c>#</c>) are left out.</summary>
internal static class TextLines
{
    /// <summary>Reads a file line by line.</summary>
    /// <exception cref="UsageException">The file is not there, cannot be read, or is a broken gzip file.</exception>
    public static IEnumerable<(int Number, string Line)> Read(string path)
    {
        using var reader = Open(path);
        for (var number = 1; Next(reader, path) is { } line; number++)
        {
            var trimmed = line.AsSpan().Trim();
            if (!trimmed.IsEmpty && trimmed[0] != '#') yield return (number, line);
        }
    }

    /// <summary>Says which line is wrong and how.</summary>
    public static UsageException Malformed(string path, int number, string line, string expected) =>
        new($"{path}, line {number}: expected {expected}, found '{(line.Length > 80 ? line[..80] + "…" : line)}'.");

    private static StreamReader Open(string path)
    {
        try
        {
            var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16, FileOptions.SequentialScan);
            // By the first two bytes, not by the name: the same file may come unpacked under its packed name.
            var packed = file.ReadByte() == 0x1f && file.ReadByte() == 0x8b;
            file.Position = 0;
            return new StreamReader(packed ? new GZipStream(file, CompressionMode.Decompress) : file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new UsageException($"{path}: {exception.Message}");
        }
    }

    private static string? Next(StreamReader reader, string path)
    {
        try
        {
            return reader.ReadLine();
        }
        catch (InvalidDataException exception)
        {
            throw new UsageException($"{path}: {exception.Message}");
        }
    }
}
