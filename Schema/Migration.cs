using System.Reflection;

namespace Floodgate.Schema;

/// <summary>One step of the schema: a SQL script that is embedded in this assembly and never changes once released.</summary>
/// <param name="Name">The file's name, <c>001_users_follows_posts.sql</c>; its order is the order of application.</param>
/// <param name="Sql">The statements, run in one transaction.</param>
public sealed record Migration(string Name, string Sql)
{
    /// <summary>All migrations, in order.</summary>
    public static IReadOnlyList<Migration> All { get; } = Load();

    private static List<Migration> Load()
    {
        var assembly = Assembly.GetExecutingAssembly();
        var migrations = new List<Migration>();
        foreach (var name in assembly.GetManifestResourceNames()
            .Where(name => name.EndsWith(".sql", StringComparison.Ordinal)).Order(StringComparer.Ordinal))
        {
            using var reader = new StreamReader(assembly.GetManifestResourceStream(name)!);
            migrations.Add(new Migration(name, reader.ReadToEnd()));
        }

        return migrations;
    }
}
