using Aspire.Hosting.Data;

namespace Floodgate.HostingTests;

public sealed class DataFolderTests : IDisposable
{
    private readonly string _root = Directory.CreateTempSubdirectory("hosting-tests-").FullName;

    public void Dispose() => Directory.Delete(_root, recursive: true);

    [Fact]
    public void An_ephemeral_folder_is_gone_after_the_run()
    {
        var folder = DataFolder.Open(Run(ephemeral: true), _root);
        File.WriteAllText(Path.Combine(folder.Sub("redis"), "dump"), "data");
        Assert.True(Directory.Exists(folder.FullPath));
        folder.Dispose();
        Assert.False(Directory.Exists(folder.FullPath));
    }

    [Fact]
    public void What_a_killed_run_left_is_swept_and_what_a_living_one_uses_is_not()
    {
        using var living = DataFolder.Open(Run(ephemeral: true), _root);
        var left = Directory.CreateDirectory(Path.Combine(_root, "floodgate-left")).FullName;
        File.WriteAllText(Path.Combine(left, "apphost.lock"), "");
        var foreign = Directory.CreateDirectory(Path.Combine(_root, "floodgate-foreign")).FullName;

        using var next = DataFolder.Open(Run(ephemeral: true), _root);
        Assert.False(Directory.Exists(left));
        Assert.True(Directory.Exists(living.FullPath));
        Assert.True(Directory.Exists(foreign));
    }

    private static LocalRun Run(bool ephemeral) => new()
    {
        AppHostName = "tests",
        AppHostDirectory = "/tests",
        Ephemeral = ephemeral,
        ShowConsole = false,
    };
}
