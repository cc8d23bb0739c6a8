using Microsoft.IdentityModel.Tokens;
using PluginHost.Engine.Configuration.Access;

namespace PluginHost.Http.Access;

/// <summary>The public keys of a file, for the signatures of tokens. Thread-safe.</summary>
internal sealed class TokenKeys
{
    private volatile IReadOnlyList<SecurityKey> _keys;

    public TokenKeys(string file)
    {
        File = file;
        _keys = SigningKeys.Read(file).Keys;
    }

    public string File { get; }

    public int Count => _keys.Count;

    /// <summary>The keys with an id; if there is none, the keys without an id, because PEM has no ids.</summary>
    public IEnumerable<SecurityKey> WithId(string? id)
    {
        var keys = _keys;
        var matching = string.IsNullOrEmpty(id) ? [] : keys.Where(k => k.KeyId == id).ToList();
        return matching.Count > 0 ? matching : keys.Where(k => string.IsNullOrEmpty(id) || k is not JsonWebKey { KeyId.Length: > 0 });
    }

    public void Replace(IReadOnlyList<SecurityKey> keys) => _keys = keys;
}
