using System.Text.Json;

namespace Aspire.Hosting.Data;

/// <summary>Keeps generated values between runs, in a file that only its owner reads.</summary>
/// <param name="path">The file; null to keep them in memory.</param>
internal sealed class ParameterStore(string? path)
{
    private readonly Lock _gate = new();
    private Dictionary<string, string>? _values;

    public string GetOrAdd(string name, Func<string> generate)
    {
        lock (_gate)
        {
            _values ??= Load();
            if (_values.TryGetValue(name, out var value))
                return value;
            value = generate();
            _values[name] = value;
            Save();
            return value;
        }
    }

    private Dictionary<string, string> Load()
    {
        if (path is null || !File.Exists(path))
            return [];
        try
        {
            return JsonSerializer.Deserialize<Dictionary<string, string>>(File.ReadAllText(path)) ?? [];
        }
        catch (JsonException exception)
        {
            throw new DistributedApplicationException(
                $"The kept parameters in '{path}' cannot be read. Mend the file, or delete the folder it is in to begin with new data.", exception);
        }
    }

    private void Save()
    {
        if (path is null)
            return;
        DataFolder.Create(Path.GetDirectoryName(path)!);
        var temporary = path + ".new";
        var options = new FileStreamOptions
        {
            Mode = FileMode.Create,
            Access = FileAccess.Write,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
        };
        using (var file = new FileStream(temporary, options))
            JsonSerializer.Serialize(file, _values);
        File.Move(temporary, path, overwrite: true);
    }
}
