using System.Globalization;

namespace Floodgate.HostingTests;

/// <summary>Reads the processes of the machine.</summary>
internal static class ProcessTree
{
    public static bool Exists(int pid) =>
        TryRead($"/proc/{pid}/stat") is { } stat && !stat[(stat.LastIndexOf(')') + 2)..].StartsWith('Z');

    public static IReadOnlyList<int> DescendantsOf(int pid)
    {
        var children = Directory.GetDirectories("/proc")
            .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var id) ? id : 0)
            .Where(id => id > 0)
            .Select(id => (Id: id, Parent: ParentOf(id)))
            .ToLookup(process => process.Parent, process => process.Id);
        var found = new List<int>();
        var open = new Queue<int>(children[pid]);
        while (open.TryDequeue(out var id))
        {
            found.Add(id);
            foreach (var child in children[id])
                open.Enqueue(child);
        }

        return found;
    }

    /// <summary>The inode numbers of a process's sockets.</summary>
    public static IEnumerable<string> SocketsOf(int pid)
    {
        string[] descriptors;
        try
        {
            descriptors = Directory.GetFileSystemEntries($"/proc/{pid}/fd");
        }
        catch (IOException)
        {
            yield break;
        }
        catch (UnauthorizedAccessException)
        {
            yield break;
        }

        foreach (var descriptor in descriptors)
        {
            if (new FileInfo(descriptor).LinkTarget is { } target && target.StartsWith("socket:[", StringComparison.Ordinal))
                yield return target[8..^1];
        }
    }

    private static int ParentOf(int pid)
    {
        // pid (name) state parent …; the name may hold anything, so what counts comes after its last bracket.
        var stat = TryRead($"/proc/{pid}/stat");
        return stat is null ? 0 : int.Parse(stat[(stat.LastIndexOf(')') + 2)..].Split(' ')[1], CultureInfo.InvariantCulture);
    }

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (IOException)
        {
            return null;
        }
    }
}
