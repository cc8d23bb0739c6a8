using System.Security.Cryptography;
using System.Text;

namespace PluginHost.Api.Access;

/// <summary>
/// The API keys, as hashes. A key is compared with every one of them, in a time that depends on neither what they have in common
/// nor which one fits. Immutable.
/// </summary>
internal sealed class ApiKeys(IEnumerable<string> keys)
{
    private readonly byte[][] _hashes = [.. keys.Select(Hash)];

    /// <summary>Whether keys are needed at all.</summary>
    public bool AreRequired => _hashes.Length > 0;

    public bool Contains(string key)
    {
        var hash = Hash(key);
        var found = false;
        foreach (var known in _hashes) found |= CryptographicOperations.FixedTimeEquals(hash, known);
        return found;
    }

    private static byte[] Hash(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
