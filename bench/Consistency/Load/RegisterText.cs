using System.Globalization;
using Floodgate.Bench.Consistency.Histories;

namespace Floodgate.Bench.Consistency.Load;

/// <summary>The text of a post that is a register: the run, the register and its version.</summary>
/// <param name="run">Tells this run's posts from those of others on the same system. Without blanks.</param>
internal sealed class RegisterText(string run)
{
    /// <summary>The text of a version.</summary>
    public string Write(RegisterVersion version) => string.Create(CultureInfo.InvariantCulture, $"{run} {version.Register} {version.Version}");

    /// <summary>Reads a text.</summary>
    /// <returns>The version, or null where the post is none of this run's registers.</returns>
    public RegisterVersion? Read(string text)
    {
        var words = text.Split(' ');
        return words.Length == 3 && words[0] == run
            && int.TryParse(words[1], NumberStyles.None, CultureInfo.InvariantCulture, out var register)
            && int.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out var version)
                ? new RegisterVersion(register, version)
                : null;
    }
}
