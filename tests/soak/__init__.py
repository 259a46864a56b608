"""Many teachers for a long time: does any part of the platform grow, does any request fail?"""
