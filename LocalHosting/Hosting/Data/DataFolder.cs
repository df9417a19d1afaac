namespace Aspire.Hosting.Data;

/// <summary>The folder that holds the servers' data and logs during a run. One AppHost at a time has it.</summary>
internal sealed class DataFolder : IDisposable
{
    private const string LockName = "apphost.lock";
    private const string EphemeralPrefix = "floodgate-";

    // Others may pass through but not look, as the servers of root run as the user postgres.
    private const UnixFileMode PassThrough =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private readonly FileStream _lock;
    private readonly bool _deleteAtEnd;

    private DataFolder(string path, FileStream @lock, bool deleteAtEnd)
    {
        FullPath = path;
        _lock = @lock;
        _deleteAtEnd = deleteAtEnd;
    }

    public string FullPath { get; }

    /// <summary>Takes the folder of a run.</summary>
    /// <exception cref="DistributedApplicationException">Another AppHost has it.</exception>
    public static DataFolder Open(LocalRun run, string? temporaryRoot = null)
    {
        var root = temporaryRoot ?? Path.GetTempPath();
        Sweep(root);
        if (run.Ephemeral)
        {
            var path = Path.Combine(root, EphemeralPrefix + Path.GetRandomFileName().Replace(".", "", StringComparison.Ordinal));
            Create(path);
            return new(path, TryLock(path) ?? throw new DistributedApplicationException($"The new folder '{path}' is taken."), deleteAtEnd: true);
        }

        Create(run.KeptFolder);
        var held = TryLock(run.KeptFolder) ?? throw new DistributedApplicationException(
            $"Another AppHost runs on the data folder '{run.KeptFolder}'. Stop it, or run this one with --ephemeral, which has a folder of its own.");
        return new(run.KeptFolder, held, deleteAtEnd: false);
    }

    /// <summary>A folder in it, made if it is not there.</summary>
    public string Sub(string name)
    {
        var path = Path.Combine(FullPath, name);
        Create(path);
        return path;
    }

    public static void Create(string path) => Directory.CreateDirectory(path, PassThrough);

    public void Dispose()
    {
        if (_deleteAtEnd)
            Delete(FullPath);
        _lock.Dispose();
    }

    /// <summary>Deletes what ephemeral runs left behind whose AppHost was killed: their lock is free.</summary>
    private static void Sweep(string root)
    {
        foreach (var left in Directory.EnumerateDirectories(root, EphemeralPrefix + "*"))
        {
            if (!File.Exists(Path.Combine(left, LockName)))
                continue;
            using var free = TryLock(left);
            if (free is not null)
                Delete(left);
        }
    }

    private static FileStream? TryLock(string folder)
    {
        try
        {
            // FileShare.None is an advisory lock on Unix; the system lets go of it when the process ends, however it ends.
            return new FileStream(Path.Combine(folder, LockName), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            return null;
        }
        catch (UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Delete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (IOException)
        {
            // A server that was just killed may still be writing: the next start sweeps.
        }
        catch (UnauthorizedAccessException)
        {
        }
    }
}
