using System.Security.Cryptography;

namespace Aspire.Hosting.ApplicationModel;

/// <summary>Generates a password.</summary>
public sealed class GenerateParameterDefault : ParameterDefault
{
    // Without the characters that look alike in many typefaces.
    private const string LowerCharacters = "abcdefghjkmnpqrstuvwxyz";
    private const string UpperCharacters = "ABCDEFGHJKMNPQRSTUVWXYZ";
    private const string NumericCharacters = "0123456789";

    // Safe in connection strings, shells and command lines.
    private const string SpecialCharacters = "-_.{}~()*+!";

    /// <summary>How long it is; at least 1, by default 22, which is 128 bits with all kinds of character.</summary>
    public int MinLength { get; set; } = 22;

    /// <summary>Whether it may hold lower-case letters.</summary>
    public bool Lower { get; set; } = true;

    /// <summary>Whether it may hold upper-case letters.</summary>
    public bool Upper { get; set; } = true;

    /// <summary>Whether it may hold digits.</summary>
    public bool Numeric { get; set; } = true;

    /// <summary>Whether it may hold <c>-_.{}~()*+!</c>.</summary>
    public bool Special { get; set; } = true;

    /// <summary>How many lower-case letters it holds at least.</summary>
    public int MinLower { get; set; }

    /// <summary>How many upper-case letters it holds at least.</summary>
    public int MinUpper { get; set; }

    /// <summary>How many digits it holds at least.</summary>
    public int MinNumeric { get; set; }

    /// <summary>How many special characters it holds at least.</summary>
    public int MinSpecial { get; set; }

    /// <inheritdoc/>
    public override string GetDefaultValue()
    {
        var all = (Lower ? LowerCharacters : "") + (Upper ? UpperCharacters : "") + (Numeric ? NumericCharacters : "") + (Special ? SpecialCharacters : "");
        if (all.Length == 0)
            throw new InvalidOperationException("A generated value needs at least one kind of character.");

        var characters = new List<char>(MinLength);
        Add(LowerCharacters, MinLower);
        Add(UpperCharacters, MinUpper);
        Add(NumericCharacters, MinNumeric);
        Add(SpecialCharacters, MinSpecial);
        Add(all, MinLength - characters.Count);

        var value = characters.ToArray();
        RandomNumberGenerator.Shuffle(value.AsSpan());
        return new string(value);

        void Add(string from, int count)
        {
            if (count > 0)
                characters.AddRange(RandomNumberGenerator.GetItems<char>(from, count));
        }
    }
}
