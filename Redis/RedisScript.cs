using System.Globalization;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Floodgate.Redis;

/// <summary>
/// A Lua script that runs by its digest, and by its text where the server does not know it yet: after a restart, or
/// SCRIPT FLUSH (https://redis.io/docs/latest/develop/interact/programmability/eval-intro/).
/// </summary>
public sealed class RedisScript
{
    private readonly string _text;
    private readonly byte[] _digest;

    /// <summary>Creates a script from its text.</summary>
    public RedisScript(string text)
    {
        _text = text;
#pragma warning disable CA5350 // The digest that EVALSHA is defined by; nothing is secured with it.
        _digest = SHA1.HashData(Encoding.UTF8.GetBytes(text));
#pragma warning restore CA5350
    }

    /// <summary>Reads a script that is embedded in the assembly of a type.</summary>
    /// <param name="owner">A type of that assembly.</param>
    /// <param name="name">The resource's name, <c>apply.lua</c>.</param>
    /// <param name="preludes">The names of resources of the same assembly that come before the script: what several share.</param>
    /// <exception cref="ArgumentException">There is no such resource.</exception>
    public static RedisScript Embedded(Type owner, string name, params string[] preludes)
    {
        ArgumentNullException.ThrowIfNull(preludes);
        return new RedisScript(string.Concat([.. preludes.Select(prelude => Text(owner, prelude)), Text(owner, name)]));
    }

    /// <summary>The text of a script that is embedded in the assembly of a type.</summary>
    /// <exception cref="ArgumentException">There is no such resource.</exception>
    public static string Text(Type owner, string name)
    {
        ArgumentNullException.ThrowIfNull(owner);
        using var stream = Assembly.GetAssembly(owner)!.GetManifestResourceStream(name)
            ?? throw new ArgumentException($"There is no resource {name}.", nameof(name));
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }

    /// <summary>Runs the script on one key.</summary>
    /// <exception cref="RedisException">Redis is away, or the script failed.</exception>
    public Task<RedisResult> RunAsync(IDatabase database, RedisKey key, RedisValue[] arguments) => RunAsync(database, [key], arguments);

    /// <summary>Whether a server failed a script because it does not know its text.</summary>
    public static bool IsUnknown(RedisServerException exception)
    {
        ArgumentNullException.ThrowIfNull(exception);
        return exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal);
    }

    /// <summary>Runs the script in one command, which keeps its place among those that are sent before and after it.</summary>
    /// <exception cref="RedisServerException">The server does not know the script (<see cref="IsUnknown"/>), or it failed.</exception>
    /// <exception cref="RedisException">Redis is away.</exception>
    public Task<RedisResult> RunByDigestAsync(IDatabaseAsync database, RedisKey[] keys, RedisValue[] arguments)
    {
        ArgumentNullException.ThrowIfNull(database);
        return database.ScriptEvaluateAsync(_digest, keys, arguments);
    }

    /// <summary>Runs the script on several keys; on Redis Cluster they must be of one slot.</summary>
    /// <exception cref="RedisException">Redis is away, or the script failed.</exception>
    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] arguments)
    {
        ArgumentNullException.ThrowIfNull(database);
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(arguments);
        try
        {
            return await RunByDigestAsync(database, keys, arguments);
        }
        catch (RedisServerException exception) when (IsUnknown(exception))
        {
            var all = new object[2 + keys.Length + arguments.Length];
            all[0] = _text;
            all[1] = keys.Length.ToString(CultureInfo.InvariantCulture);
            for (var i = 0; i < keys.Length; i++)
            {
                all[2 + i] = keys[i];
            }

            for (var i = 0; i < arguments.Length; i++)
            {
                all[2 + keys.Length + i] = arguments[i];
            }

            return await database.ExecuteAsync("EVAL", all);
        }
    }
}
