namespace Floodgate.Messaging.Counters;

/// <summary>Mixes the bits of a number: the finalizer of SplitMix64 (https://prng.di.unimi.it/splitmix64.c).</summary>
public static class SplitMix
{
    /// <summary>The number, mixed: the same in every process and every version.</summary>
    public static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9UL;
        value = (value ^ (value >> 27)) * 0x94d049bb133111ebUL;
        return value ^ (value >> 31);
    }
}
